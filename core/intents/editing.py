"""Edits of a taxonomy as frozen decisions: each makes a new taxonomy of an old one, and touches no label.

Ids are permanent: an edit adds intents and changes them, and never takes one away.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar, Protocol

from core.errors import InvalidTaxonomyError
from core.intents.colors import is_color, suggested_colors
from core.intents.intent import LANGUAGES, Example, Guideline, Intent, Taxonomy, Words, by_id, stands_for

KEYS = "1234567890qwertyuiopdflzvbm"
"""Keys an intent can have, in the order in which free ones are given out."""
RESERVED_KEYS = frozenset("acghjknrsx")
"""Letters with another meaning in the labeler (app/components/labeler/keys.js) or in Streamlit (c, r)."""
LONGEST_NAME, LONGEST_TEXT, MOST_ACTIVE, MOST_EXAMPLES = 40, 4000, len(KEYS), 20
LEAST_ACTIVE = 2

_IN_THE_VERSION = ("guideline", "taxonomy")
_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")


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


def check_taxonomy(taxonomy: Taxonomy) -> None:
    """Refuse what no edit may leave behind.

    Raises:
        InvalidTaxonomyError: the message names the intent and the value.
    """
    ids = [intent.id for intent in taxonomy]
    for name in ids:
        if ids.count(name) > 1:
            raise InvalidTaxonomyError(f"The id '{name}' is there {ids.count(name)} times, expected once.")
    active = [intent for intent in taxonomy if intent.active]
    if len(active) < LEAST_ACTIVE:
        raise InvalidTaxonomyError(f"{len(active)} intents would be left to choose from, expected {LEAST_ACTIVE}.")
    if len(active) > MOST_ACTIVE:
        raise InvalidTaxonomyError(f"{len(active)} intents are active, expected at most {MOST_ACTIVE}: one a key.")
    owners: dict[str, str] = {}
    for intent in taxonomy:
        check_intent(intent)
        if intent.active and intent.key in owners:
            raise InvalidTaxonomyError(
                f"'{intent.id}' has the key '{intent.key}' of '{owners[intent.key]}', expected a free one "
                f"such as '{free_key(taxonomy)}'."
            )
        if intent.active:
            owners[intent.key] = intent.id
    try:
        stands_for(taxonomy)
    except ValueError as error:
        raise InvalidTaxonomyError(f"{str(error).capitalize()}; merge into an intent that is offered.") from error
    _check_parts(taxonomy)


def _check_parts(taxonomy: Taxonomy) -> None:
    known = by_id(taxonomy)
    for intent in taxonomy:
        for part in intent.split_into:
            if part not in known:
                raise InvalidTaxonomyError(f"'{intent.id}' is split into '{part}', which there is not.")


def check_intent(intent: Intent) -> None:
    """Refuse an intent that cannot be shown or kept.

    Raises:
        InvalidTaxonomyError: the message names the intent and the value.
    """
    if not _ID.fullmatch(intent.id):
        raise InvalidTaxonomyError(
            f"The id is '{intent.id}', expected 1 to 40 lower-case letters, digits and _, a letter first."
        )
    for language in LANGUAGES:
        name = intent.name.get(language, "")
        if not name.strip() or len(name) > LONGEST_NAME:
            raise InvalidTaxonomyError(
                f"The name of '{intent.id}' in '{language}' is '{name}', expected 1 to {LONGEST_NAME} characters."
            )
    if intent.key in RESERVED_KEYS:
        raise InvalidTaxonomyError(f"'{intent.id}' has the key '{intent.key}', which the labeler uses; choose another.")
    if intent.key not in KEYS or len(intent.key) != 1:
        raise InvalidTaxonomyError(f"'{intent.id}' has the key '{intent.key}', expected one of {' '.join(KEYS)}.")
    for color in (intent.color, intent.color_dark):
        if not is_color(color):
            raise InvalidTaxonomyError(f"A colour of '{intent.id}' is '{color}', expected one such as #4477AA.")
    if intent.active and (intent.merged_into or intent.split_into):
        raise InvalidTaxonomyError(f"'{intent.id}' is active, so it is neither merged nor split.")
    check_guideline(intent.id, intent.guideline)
    _check_lengths(intent.id, "definition", intent.definition)


def check_guideline(intent: str, guideline: Guideline) -> None:
    """Refuse a guideline that cannot be shown or kept.

    Raises:
        InvalidTaxonomyError: a text is too long, there are too many examples, or one has no session or stands twice.
    """
    for name in ("text", "yes", "no"):
        _check_lengths(intent, name, getattr(guideline, name))
    if len(guideline.examples) > MOST_EXAMPLES:
        raise InvalidTaxonomyError(
            f"'{intent}' has {len(guideline.examples)} examples, expected at most {MOST_EXAMPLES}; few are read."
        )
    sessions = [example.session_id for example in guideline.examples]
    for session_id in sessions:
        if not session_id.strip():
            raise InvalidTaxonomyError(f"An example of '{intent}' has no session id, expected one.")
        if sessions.count(session_id) > 1:
            raise InvalidTaxonomyError(f"The session '{session_id}' is an example of '{intent}' already.")


def _check_lengths(intent: str, what: str, words: Words) -> None:
    for language, text in words.items():
        if language not in LANGUAGES:
            raise InvalidTaxonomyError(f"'{intent}' has a {what} in '{language}', expected {', '.join(LANGUAGES)}.")
        if len(text) > LONGEST_TEXT:
            raise InvalidTaxonomyError(
                f"The {what} of '{intent}' in '{language}' has {len(text)} characters, expected {LONGEST_TEXT} at most."
            )


def free_key(taxonomy: Taxonomy) -> str:
    """A key that no active intent has."""
    taken = {intent.key for intent in taxonomy if intent.active}
    return next((key for key in KEYS if key not in taken), KEYS[0])


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
