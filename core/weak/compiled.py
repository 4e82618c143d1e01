"""What a rule becomes: a condition in SQL over a session's features, and the features that it needs."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.errors import InvalidRuleError
from core.events.schema import EVENT_TYPES
from core.store.identifiers import quote
from core.weak.features import FEATURES, Feature, Source

MENTION_FIELDS = ("query", "text", "any")
_ASCII_WORD = re.compile(r"\w", re.ASCII)


@dataclass
class Needs:
    """The features a rule reads, by name; asking for one returns the SQL that names its value."""

    features: dict[str, Feature] = field(default_factory=dict)

    def named(self, name: str) -> str:
        """A feature of the list.

        Raises:
            InvalidRuleError: there is none of that name.
        """
        if name not in FEATURES:
            raise InvalidRuleError(f"'{name}' is nothing known of a session, expected one of {', '.join(FEATURES)}.")
        return self._ask(FEATURES[name])

    def before(self, first: str, then: str) -> str:
        """Whether an event of the one type is followed later by one of the other."""
        for event_type in (first, then):
            check_event_type(event_type)
        return self._ask_of_events(
            f"min(e.occurred_at) FILTER (e.event_type = '{first}')"
            f" < max(e.occurred_at) FILTER (e.event_type = '{then}')"
        )

    def mentions(self, where: str, words: Sequence[str]) -> str:
        """Whether one of the words stands in a query, in a text, or in any of both; `return*` finds returns too."""
        if where not in MENTION_FIELDS:
            raise InvalidRuleError(f"'{where}' holds no words, expected one of {', '.join(MENTION_FIELDS)}.")
        found = [word.strip() for word in words if word.strip(" *")]
        if not found:
            raise InvalidRuleError("There are no words to look for, expected at least one.")
        pattern = text_literal("(?i)" + "|".join(_word_pattern(word) for word in found))
        columns = ("query", "text") if where == "any" else (where,)
        return self._ask_of_events(
            "bool_or("
            + " OR ".join(f"coalesce(regexp_matches(e.{column}, {pattern}), false)" for column in columns)
            + ")"
        )

    def texts(self, sql: str) -> str:
        """What an aggregate over a session's texts says."""
        return self._ask_of(sql, "texts")

    def _ask_of_events(self, sql: str) -> str:
        return self._ask_of(sql, "events")

    def _ask_of(self, sql: str, source: Source) -> str:
        digest = hashlib.sha256(sql.encode()).hexdigest()[:16]
        return self._ask(Feature(f"asked_{digest}", "truth", sql, source))

    def _ask(self, feature: Feature) -> str:
        self.features[feature.name] = feature
        return quote(feature.name)


@dataclass(frozen=True)
class CompiledRule:
    """condition: SQL over the needed features' names; where it is unknown the rule abstains."""

    condition: str
    features: dict[str, Feature]


def check_event_type(name: str) -> None:
    """Refuse a type of event that there is not.

    Raises:
        InvalidRuleError: it is not one of EVENT_TYPES.
    """
    if name not in EVENT_TYPES:
        raise InvalidRuleError(f"'{name}' is no type of event, expected one of {', '.join(EVENT_TYPES)}.")


def text_literal(text: str) -> str:
    """A text as DuckDB reads it literally.

    Raises:
        InvalidRuleError: it holds a NUL character.
    """
    if "\x00" in text:
        raise InvalidRuleError(f"{text!r} holds a NUL character, expected none.")
    return "'" + text.replace("'", "''") + "'"


def _word_pattern(word: str) -> str:
    """RE2: whole words where letters are ASCII (Chinese has no spaces between words)."""
    open_end = word.endswith("*")
    bare = word.rstrip("*")
    start = r"\b" if _ASCII_WORD.match(bare[0]) else ""
    end = r"\b" if not open_end and _ASCII_WORD.match(bare[-1]) else ""
    return f"{start}{re.escape(bare)}{end}"
