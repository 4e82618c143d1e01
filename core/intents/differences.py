"""What changed from one version of the taxonomy to another, in lines that people can read."""

import difflib
from dataclasses import dataclass
from typing import Literal

from core.intents.intent import LANGUAGES, Intent, Taxonomy, Words, by_id

Mark = Literal[" ", "-", "+"]


@dataclass(frozen=True)
class Line:
    """A line that stayed (" "), went ("-") or came ("+")."""

    mark: Mark
    text: str


@dataclass(frozen=True)
class Difference:
    """What became of one intent: `lines` of all it says, only those that changed and one around each."""

    intent: str
    lines: tuple[Line, ...]


def differences(before: Taxonomy, after: Taxonomy) -> list[Difference]:
    """The intents that changed, in the order of the later version; then those that only the earlier one has."""
    old, new = by_id(before), by_id(after)
    names = [*new, *(name for name in old if name not in new)]
    found = [Difference(name, _lines(_told(old.get(name)), _told(new.get(name)))) for name in names]
    return [difference for difference in found if difference.lines]


def _lines(before: list[str], after: list[str]) -> tuple[Line, ...]:
    told = difflib.unified_diff(before, after, n=1, lineterm="")
    return tuple(
        Line(line[0], line[1:])  # type: ignore[arg-type]  # these are difflib's marks
        for line in list(told)[2:]
        if not line.startswith("@@")
    )


def _told(intent: Intent | None) -> list[str]:
    """All that an intent says, a line each."""
    if intent is None:
        return []
    lines = [f"key: {intent.key}", f"colours: {intent.color} {intent.color_dark}", f"active: {intent.active}"]
    if intent.merged_into:
        lines.append(f"merged into: {intent.merged_into}")
    if intent.split_into:
        lines.append(f"split into: {', '.join(intent.split_into)}")
    lines += _words("name", intent.name) + _words("definition", intent.definition)
    guideline = intent.guideline
    for name, words in (("guideline", guideline.text), ("yes", guideline.yes), ("no", guideline.no)):
        lines += _words(name, words)
    return lines + [
        f"{'example' if example.positive else 'counter-example'}: {example.session_id} {example.why}".rstrip()
        for example in guideline.examples
    ]


def _words(name: str, words: Words) -> list[str]:
    return [
        f"{name} [{language}]: {line}"
        for language in LANGUAGES
        for line in words.get(language, "").splitlines()
        if line.strip()
    ]
