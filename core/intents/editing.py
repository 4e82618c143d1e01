"""Edits of a taxonomy as frozen decisions: each makes a new taxonomy of an old one, and touches no label.

Ids are permanent: an edit adds intents and changes them, and never takes one away.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar, Protocol

from core.errors import InvalidTaxonomyError
from core.intents.colors import suggested_colors
from core.intents.intent import LANGUAGES, Example, Guideline, Intent, Taxonomy, Words, by_id
from core.intents.validity import check_taxonomy, free_key

_IN_THE_VERSION = ("guideline", "taxonomy")


class Edit(Protocol):
    """One change. `kind` names it in the log; its fields are what the log keeps of it."""

    kind: ClassVar[str]

    def apply(self, taxonomy: Taxonomy) -> Taxonomy:
        """The taxonomy after it.

        Raises:
            InvalidTaxonomyError: it cannot be made; the message says which value, and what was expected.
        """
        ...


def apply_all(taxonomy: Taxonomy, edits: Sequence[Edit]) -> Taxonomy:
    """The taxonomy after several edits, one after another.

    Raises:
        InvalidTaxonomyError: one of them cannot be made.
    """
    for edit in edits:
        taxonomy = edit.apply(taxonomy)
    check_taxonomy(taxonomy)
    return taxonomy


def describe(edit: Edit) -> dict[str, Any]:
    """An edit as the log keeps it; whole guidelines and taxonomies stand in the version itself."""
    values: dict[str, Any] = asdict(edit)  # type: ignore[call-overload]  # every edit is a dataclass
    return {"kind": edit.kind} | {name: value for name, value in values.items() if name not in _IN_THE_VERSION}


def decided_by(taxonomy: Taxonomy) -> dict[str, tuple[Words, Guideline]]:
    """What annotators decide by: while it stays the same, so does the version of the guidelines."""
    return {intent.id: (intent.definition, intent.guideline) for intent in taxonomy if intent.active}


def found(taxonomy: Taxonomy, intent_id: str) -> Intent:
    """The intent of an id.

    Raises:
        InvalidTaxonomyError: there is none.
    """
    known = by_id(taxonomy)
    if intent_id not in known:
        raise InvalidTaxonomyError(f"There is no intent '{intent_id}', expected one of {', '.join(known)}.")
    return known[intent_id]


def _changed(taxonomy: Taxonomy, intent_id: str, **changes: Any) -> Taxonomy:
    found(taxonomy, intent_id)
    return tuple(replace(intent, **changes) if intent.id == intent_id else intent for intent in taxonomy)


def _changed_words(old: Words, language: str, text: str) -> Words:
    if language not in LANGUAGES:
        raise InvalidTaxonomyError(f"The language is '{language}', expected {' or '.join(LANGUAGES)}.")
    return old | {language: text.strip()}


@dataclass(frozen=True)
class NewIntent:
    """An intent to be. Without key or colours it gets free ones."""

    id: str
    name: Words
    definition: Words
    key: str = ""
    color: str = ""
    color_dark: str = ""

    def made(self, taxonomy: Taxonomy) -> Intent:
        light, dark = suggested_colors([intent for intent in taxonomy if intent.active])[0]
        return Intent(
            self.id,
            self.key or free_key(taxonomy),
            {language: text.strip() for language, text in self.name.items()},
            self.definition,
            self.color or light,
            self.color_dark or dark,
        )


@dataclass(frozen=True)
class Add:
    """A new intent, last in order."""

    kind: ClassVar[str] = "add"
    intent: NewIntent

    def apply(self, taxonomy: Taxonomy) -> Taxonomy:
        if self.intent.id in by_id(taxonomy):
            raise InvalidTaxonomyError(
                f"There is an intent '{self.intent.id}' already; ids are permanent: choose another or bring it back."
            )
        return (*taxonomy, self.intent.made(taxonomy))


@dataclass(frozen=True)
class Rename:
    """Another name in one language; the id stays."""

    kind: ClassVar[str] = "rename"
    intent: str
    language: str
    name: str

    def apply(self, taxonomy: Taxonomy) -> Taxonomy:
        old = found(taxonomy, self.intent)
        return _changed(taxonomy, self.intent, name=_changed_words(old.name, self.language, self.name))


@dataclass(frozen=True)
class Redefine:
    """Another definition in one language."""

    kind: ClassVar[str] = "redefine"
    intent: str
    language: str
    definition: str

    def apply(self, taxonomy: Taxonomy) -> Taxonomy:
        old = found(taxonomy, self.intent)
        words = _changed_words(old.definition, self.language, self.definition)
        return _changed(taxonomy, self.intent, definition=words)


@dataclass(frozen=True)
class Recolor:
    """Other colours on light and on dark pages."""

    kind: ClassVar[str] = "recolor"
    intent: str
    color: str
    color_dark: str

    def apply(self, taxonomy: Taxonomy) -> Taxonomy:
        return _changed(taxonomy, self.intent, color=self.color, color_dark=self.color_dark)


@dataclass(frozen=True)
class Rekey:
    """Another key; where another active intent has it, the two change keys."""

    kind: ClassVar[str] = "rekey"
    intent: str
    key: str

    def apply(self, taxonomy: Taxonomy) -> Taxonomy:
        old = found(taxonomy, self.intent)
        for other in taxonomy:
            if other.active and old.active and other.key == self.key and other.id != self.intent:
                taxonomy = _changed(taxonomy, other.id, key=old.key)
        return _changed(taxonomy, self.intent, key=self.key)


@dataclass(frozen=True)
class Reorder:
    """An intent at another place (from 0) among all."""

    kind: ClassVar[str] = "reorder"
    intent: str
    place: int

    def apply(self, taxonomy: Taxonomy) -> Taxonomy:
        moved = found(taxonomy, self.intent)
        rest = [intent for intent in taxonomy if intent.id != self.intent]
        if not 0 <= self.place <= len(rest):
            raise InvalidTaxonomyError(f"The place is {self.place}, expected 0 to {len(rest)}.")
        return (*rest[: self.place], moved, *rest[self.place :])


@dataclass(frozen=True)
class Retire:
    """Not offered any more; its labels stay readable, and neither train nor measure."""

    kind: ClassVar[str] = "retire"
    intent: str

    def apply(self, taxonomy: Taxonomy) -> Taxonomy:
        if not found(taxonomy, self.intent).active:
            raise InvalidTaxonomyError(f"'{self.intent}' is not offered as it is; nothing was changed.")
        return _changed(taxonomy, self.intent, active=False)


@dataclass(frozen=True)
class BringBack:
    """Offered again, with its labels: after it was retired, split or merged."""

    kind: ClassVar[str] = "bring_back"
    intent: str

    def apply(self, taxonomy: Taxonomy) -> Taxonomy:
        intent = found(taxonomy, self.intent)
        if intent.active:
            raise InvalidTaxonomyError(f"'{self.intent}' is offered as it is; nothing was changed.")
        taken = {other.key for other in taxonomy if other.active}
        key = free_key(taxonomy) if intent.key in taken else intent.key
        return _changed(taxonomy, self.intent, active=True, merged_into=None, split_into=(), key=key)


@dataclass(frozen=True)
class Merge:
    """The labels of one intent count as another's from now on; each keeps the id it was given with."""

    kind: ClassVar[str] = "merge"
    intent: str
    into: str

    def apply(self, taxonomy: Taxonomy) -> Taxonomy:
        merged, target = found(taxonomy, self.intent), found(taxonomy, self.into)
        if merged.id == target.id:
            raise InvalidTaxonomyError(f"'{merged.id}' cannot be merged into itself; choose another intent.")
        if merged.merged_into:
            raise InvalidTaxonomyError(f"'{merged.id}' is merged into '{merged.merged_into}' already.")
        if not target.active:
            raise InvalidTaxonomyError(
                f"'{target.id}' is not offered, expected an active intent to merge '{merged.id}' into."
            )
        return _changed(taxonomy, self.intent, active=False, merged_into=self.into, split_into=())


@dataclass(frozen=True)
class Unmerge:
    """A merged intent is its own again, with exactly the labels that were given with it."""

    kind: ClassVar[str] = "unmerge"
    intent: str

    def apply(self, taxonomy: Taxonomy) -> Taxonomy:
        if not found(taxonomy, self.intent).merged_into:
            raise InvalidTaxonomyError(f"'{self.intent}' is not merged, so there is nothing to undo.")
        return BringBack(self.intent).apply(taxonomy)


@dataclass(frozen=True)
class Split:
    """New intents in place of one; its labels stay its own, to be given anew as one of the parts."""

    kind: ClassVar[str] = "split"
    intent: str
    parts: tuple[NewIntent, ...]

    def apply(self, taxonomy: Taxonomy) -> Taxonomy:
        if not found(taxonomy, self.intent).active:
            raise InvalidTaxonomyError(f"'{self.intent}' is not offered, expected an active intent to split.")
        if len(self.parts) < 2:
            raise InvalidTaxonomyError(f"'{self.intent}' is split into {len(self.parts)} intents, expected at least 2.")
        names = tuple(part.id for part in self.parts)
        after = _changed(taxonomy, self.intent, active=False, split_into=names)
        for part in self.parts:
            after = Add(part).apply(after)
        place = [intent.id for intent in after].index(self.intent)
        for number, name in enumerate(names, start=1):
            after = Reorder(name, place + number).apply(after)
        return after


@dataclass(frozen=True)
class WriteGuideline:
    """Another guideline for an intent."""

    kind: ClassVar[str] = "guideline"
    intent: str
    guideline: Guideline

    def apply(self, taxonomy: Taxonomy) -> Taxonomy:
        return _changed(taxonomy, self.intent, guideline=self.guideline)


@dataclass(frozen=True)
class AddExample:
    """A session that shows an intent, or one that looks like it and is not; one that was there is put anew."""

    kind: ClassVar[str] = "add_example"
    intent: str
    example: Example

    def apply(self, taxonomy: Taxonomy) -> Taxonomy:
        guideline = found(taxonomy, self.intent).guideline
        others = tuple(one for one in guideline.examples if one.session_id != self.example.session_id)
        return _changed(taxonomy, self.intent, guideline=replace(guideline, examples=(*others, self.example)))


@dataclass(frozen=True)
class RemoveExample:
    """An example less."""

    kind: ClassVar[str] = "remove_example"
    intent: str
    session_id: str

    def apply(self, taxonomy: Taxonomy) -> Taxonomy:
        guideline = found(taxonomy, self.intent).guideline
        others = tuple(one for one in guideline.examples if one.session_id != self.session_id)
        if len(others) == len(guideline.examples):
            raise InvalidTaxonomyError(f"The session '{self.session_id}' is no example of '{self.intent}'.")
        return _changed(taxonomy, self.intent, guideline=replace(guideline, examples=others))


@dataclass(frozen=True)
class Replace:
    """Another taxonomy as a whole: an earlier version, or a file. Intents it lacks stay, retired; no id is lost.

    what: where it is from, for the log.
    """

    kind: ClassVar[str] = "replace"
    taxonomy: Taxonomy
    what: str

    def apply(self, taxonomy: Taxonomy) -> Taxonomy:
        kept = by_id(self.taxonomy)
        rest = tuple(replace(intent, active=False) for intent in taxonomy if intent.id not in kept)
        return (*self.taxonomy, *rest)
