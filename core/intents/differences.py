"""What changed from one version of the taxonomy to another, in lines that people can read."""

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from core.intents.intent import LANGUAGES, Intent, Taxonomy, Words, by_id

Mark = Literal[" ", "-", "+"]
Field = Literal[
    "key",
    "color",
    "color_dark",
    "active",
    "merged_into",
    "split_into",
    "name",
    "definition",
    "text",
    "yes",
    "no",
    "example",
    "counter_example",
]
YES, NO = "✓", "✗"


@dataclass(frozen=True)
class Line:
    """A line that stayed (" "), went ("-") or came ("+"): what it tells of, in which language ("" for any), and it."""

    mark: Mark
    field: Field
    language: str
    text: str


@dataclass(frozen=True)
class Difference:
    """What became of one intent: `lines` of all it says, only those that changed and one around each."""

    intent: str
    lines: tuple[Line, ...]


_Told = tuple[Field, str, str]


def differences(before: Taxonomy, after: Taxonomy) -> list[Difference]:
    """The intents that changed, in the order of the later version; then those that only the earlier one has."""
    old, new = by_id(before), by_id(after)
    names = [*new, *(name for name in old if name not in new)]
    found = [Difference(name, _lines(_told(old.get(name)), _told(new.get(name)))) for name in names]
    return [difference for difference in found if difference.lines]


def _lines(before: list[_Told], after: list[_Told]) -> tuple[Line, ...]:
    lines: list[Line] = []
    for group in SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(1):
        for tag, start, end, new_start, new_end in group:
            if tag == "equal":
                lines += [Line(" ", *told) for told in before[start:end]]
            else:
                lines += [Line("-", *told) for told in before[start:end]]
                lines += [Line("+", *told) for told in after[new_start:new_end]]
    return tuple(lines)


def _told(intent: Intent | None) -> list[_Told]:
    """All that an intent says, a line each."""
    if intent is None:
        return []
    told: list[_Told] = [
        ("key", "", intent.key),
        ("color", "", intent.color),
        ("color_dark", "", intent.color_dark),
        ("active", "", YES if intent.active else NO),
    ]
    if intent.merged_into:
        told.append(("merged_into", "", intent.merged_into))
    told += [("split_into", "", part) for part in intent.split_into]
    told += _words("name", intent.name) + _words("definition", intent.definition)
    guideline = intent.guideline
    told += _words("text", guideline.text) + _words("yes", guideline.yes) + _words("no", guideline.no)
    for example in guideline.examples:
        field: Field = "example" if example.positive else "counter_example"
        told.append((field, "", f"{example.session_id} {example.why}".rstrip()))
    return told


def _words(field: Field, words: Words) -> list[_Told]:
    return [
        (field, language, line)
        for language in LANGUAGES
        for line in words.get(language, "").splitlines()
        if line.strip()
    ]
