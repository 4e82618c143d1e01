"""What the API answers of events and visitors, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.client.errors import RequestError
from app.client.explanations import Explanation


@dataclass(frozen=True)
class Refusal:
    """Why one message of a batch was not taken; `index` counts from 0."""

    index: int
    code: str
    message: str
    field: str | None = None
    value: Any = None


@dataclass(frozen=True)
class Collected:
    """What became of the messages, all of it on disk.

    intents: of their visitors after them, where they were asked for
    intents_error: why those are missing, as long as no model can serve; the messages are stored all the same
    """

    added: int
    duplicates: int
    rejected: tuple[Refusal, ...]
    intents: "tuple[IntentAnswer, ...]" = ()
    intents_error: RequestError | None = None

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "Collected":
        """From the API's JSON."""
        error = body.get("intents_error")
        return cls(
            added=body["added"],
            duplicates=body["duplicates"],
            rejected=tuple(Refusal(**refused) for refused in body["rejected"]),
            intents=tuple(map(IntentAnswer.of, body.get("intents", ()))),
            intents_error=RequestError.of_body(error) if error else None,
        )


@dataclass(frozen=True)
class Intent:
    """An intent and its calibrated probability."""

    label: str
    score: float


@dataclass(frozen=True)
class IntentAnswer:
    """What a shopper is about; `intents` has the likeliest first, `as_of` is UTC with its zone."""

    visitor_id: str
    session_id: str | None
    model_version: str
    as_of: datetime
    intents: tuple[Intent, ...]
    events_used: int
    abstained: bool
    explanation: Explanation | None = None

    @property
    def likeliest(self) -> Intent:
        """The likeliest intent."""
        return self.intents[0]

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "IntentAnswer":
        """From the API's JSON."""
        explanation = body.get("explanation")
        return cls(
            visitor_id=body["visitor_id"],
            session_id=body["session_id"],
            model_version=body["model_version"],
            as_of=datetime.fromisoformat(body["as_of"]),
            intents=_intents(body),
            events_used=body["events_used"],
            abstained=body["abstained"],
            explanation=Explanation.of(explanation) if explanation else None,
        )


@dataclass(frozen=True)
class PersonVisitor:
    """One of the visitors that are a person; moments in UTC, None as long as it has no event of its own."""

    visitor_id: str
    sessions: int
    events: int
    first_at: datetime | None
    last_at: datetime | None

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "PersonVisitor":
        """From the API's JSON."""
        moments = {name: datetime.fromisoformat(body[name]) if body[name] else None for name in ("first_at", "last_at")}
        return cls(body["visitor_id"], body["sessions"], body["events"], **moments)


@dataclass(frozen=True)
class Update:
    """A shopper's intent at one event, and the one before. `id` resumes the stream after it; empty in a webhook."""

    id: str
    sequence: int
    visitor_id: str
    session_id: str | None
    event_id: str
    event_type: str
    occurred_at: datetime
    model_version: str
    intent: str
    previous: str | None
    changed: bool
    abstained: bool
    intents: tuple[Intent, ...]

    @classmethod
    def of(cls, body: Mapping[str, Any], update_id: str = "") -> "Update":
        """From the API's JSON."""
        return cls(
            id=update_id,
            sequence=body["sequence"],
            visitor_id=body["visitor_id"],
            session_id=body["session_id"],
            event_id=body["event_id"],
            event_type=body["event_type"],
            occurred_at=datetime.fromisoformat(body["occurred_at"]),
            model_version=body["model_version"],
            intent=body["intent"],
            previous=body["previous"],
            changed=body["changed"],
            abstained=body["abstained"],
            intents=_intents(body),
        )


@dataclass(frozen=True)
class Missed:
    """Updates of the stream that are lost; `updates` is None where nobody knows how many.

    reason: `slow_consumer`, `away_too_long` or `server_restarted`
    """

    updates: int | None
    reason: str


def _intents(body: Mapping[str, Any]) -> tuple[Intent, ...]:
    return tuple(Intent(intent["label"], intent["score"]) for intent in body["intents"])
