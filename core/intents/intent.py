"""An intent of the taxonomy, and the guideline by which people decide on it."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

LANGUAGES = ("en", "zh")
Words = dict[str, str]
"""A text by language ("en", "zh")."""


@dataclass(frozen=True)
class Example:
    """A session that shows the intent (`positive`), or one that looks like it and is not; `why` in a line."""

    session_id: str
    why: str
    positive: bool = True


@dataclass(frozen=True)
class Guideline:
    """How to decide for or against an intent: a text, when yes, when no (Markdown), and sessions that show it."""

    text: Words = field(default_factory=dict)
    yes: Words = field(default_factory=dict)
    no: Words = field(default_factory=dict)
    examples: tuple[Example, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.examples or any(any(words.values()) for words in (self.text, self.yes, self.no)))

    def to_record(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return asdict(self) | {"examples": [asdict(example) for example in self.examples]}

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "Guideline":
        """What `to_record` made."""
        examples = tuple(Example(**example) for example in record.get("examples", ()))
        return cls(record.get("text", {}), record.get("yes", {}), record.get("no", {}), examples)


@dataclass(frozen=True)
class Intent:
    """One intent. `id` is permanent; `key` is its shortcut; name and definition by language ("en", "zh").

    active: offered to annotators and to training. An inactive one keeps its labels.
    merged_into: the intent that its labels count as, while it is merged.
    split_into: the intents that took its place; its labels stay its own until somebody looks again.
    """

    id: str
    key: str
    name: Words
    definition: Words
    color: str
    color_dark: str
    active: bool = True
    merged_into: str | None = None
    split_into: tuple[str, ...] = ()
    guideline: Guideline = field(default_factory=Guideline)

    def with_guideline(self, guideline: Guideline) -> "Intent":
        return replace(self, guideline=guideline)


Taxonomy = tuple[Intent, ...]
"""All intents there ever were, in the order in which they are offered."""


def by_id(taxonomy: Taxonomy) -> dict[str, Intent]:
    """The intents by their id."""
    return {intent.id: intent for intent in taxonomy}


def stands_for(taxonomy: Taxonomy) -> dict[str, str]:
    """What each intent's labels count as: itself, or where its merges lead in the end.

    Raises:
        ValueError: merges go in a circle, or to an intent that there is not.
    """
    known = by_id(taxonomy)
    ends: dict[str, str] = {}
    for intent in taxonomy:
        seen, end = [intent.id], intent
        while end.merged_into is not None:
            if end.merged_into in seen:
                raise ValueError(f"the merges {' → '.join([*seen, end.merged_into])} go in a circle")
            if end.merged_into not in known:
                raise ValueError(f"'{end.id}' is merged into '{end.merged_into}', which there is not")
            end = known[end.merged_into]
            seen.append(end.id)
        ends[intent.id] = end.id
    return ends
