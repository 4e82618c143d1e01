"""What the API answers, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from app.client.errors import RequestError


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
class Word:
    """A word of an event's text and what it added; `part` is `own` (query or message) or `title` (of the item)."""

    part: str
    text: str
    value: float
    read: bool


@dataclass(frozen=True)
class Neighbour:
    """A labelled session, or one labelled event of it, beside an explained prediction.

    event_id: where the label stands; taught: the intent that the model learned; label: the one it has now, which
        `annotators` say, None where it was taken back; guess: what the model says there, at `probability`
    similarity: cosine of the model's states; influence: share of all influence, above 0 for the explained intent
    """

    session_id: str
    visitor_id: str
    event_id: str
    taught: str
    label: str | None
    annotators: tuple[str, ...]
    guess: str
    probability: float
    similarity: float
    influence: float

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "Neighbour":
        """From the API's JSON."""
        return cls(**dict(body) | {"annotators": tuple(body["annotators"])})


@dataclass(frozen=True)
class Neighbours:
    """The most similar labelled sessions, and those whose labels spoke most for and against the intent.

    labelled: how many there are; checkpoints: states of the model that the influence was summed over
    labels_noted: False where the journal tells what the training did not note
    """

    similar: tuple[Neighbour, ...]
    speaking_for: tuple[Neighbour, ...]
    speaking_against: tuple[Neighbour, ...]
    labelled: int
    checkpoints: int
    labels_noted: bool

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "Neighbours":
        """From the API's JSON."""
        lists = {name: tuple(map(Neighbour.of, body[name])) for name in ("similar", "speaking_for", "speaking_against")}
        return cls(**dict(body) | lists)


@dataclass(frozen=True)
class Explanation:
    """Why an intent: values[event][field] are shares of its probability, or with `against` of its lead over that one.

    reliability: `trust`, `careful`, `unreliable` or `curiosity`; reason: the measure that decided, or empty
    faithfulness: comprehensiveness, sufficiency, agreement and further measures by name
    words: of the one event they were asked of
    neighbours: the labelled sessions beside it, where they were asked for
    """

    intent: str
    probability: float
    baseline_probability: float
    event_ids: tuple[str, ...]
    fields: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]
    reliability: str
    faithfulness: Mapping[str, float | None] | None
    model_version: str = ""
    method: str = ""
    reason: str = ""
    against: str | None = None
    convergence_delta: float = 0.0
    relative_error: float = 0.0
    words: tuple[Word, ...] = ()
    neighbours: Neighbours | None = None

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "Explanation":
        """From the API's JSON."""
        return cls(
            intent=body["intent"],
            probability=body["probability"],
            baseline_probability=body["baseline_probability"],
            event_ids=tuple(body["event_ids"]),
            fields=tuple(body["fields"]),
            values=tuple(map(tuple, body["values"])),
            reliability=body["reliability"],
            faithfulness=body["faithfulness"],
            model_version=body["model_version"],
            method=body["method"],
            reason=body["reason"],
            against=body.get("against"),
            convergence_delta=body["convergence_delta"],
            relative_error=body["relative_error"],
            words=tuple(
                Word(text["part"], word["text"], word["value"], word["read"])
                for text in (body.get("words") or {"texts": []})["texts"]
                for word in text["words"]
            ),
            neighbours=Neighbours.of(body["neighbours"]) if body.get("neighbours") else None,
        )


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


@dataclass(frozen=True)
class Study:
    """A study of what speaks for each intent of a model: what was ordered, and where it is.

    status: `queued`, `running`, `finished`, `failed` or `stopped`; progress: share of `phase` that is done
    eta_s: seconds left of the phase, None while unknown
    """

    study_id: str
    model: str | None
    method: str | None
    sessions: int | None
    status: str
    phase: str
    step: int
    total: int
    progress: float
    eta_s: float | None
    error: str | None

    @property
    def is_over(self) -> bool:
        """Whether it will not change any more."""
        return self.status in ("finished", "failed", "stopped")

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "Study":
        """From the API's JSON."""
        return cls(**{field.name: body[field.name] for field in fields(cls)})


@dataclass(frozen=True)
class Speaking:
    """What a field, event type, transition or word adds to an intent's probability where the model says the intent.

    low, high: 95 % interval over visitors; n: sessions
    """

    name: str
    value: float
    low: float
    high: float
    n: int
    visitors: int


@dataclass(frozen=True)
class StudyResult:
    """What a finished study found.

    intents: in how many of the `predictions` sessions the model says which
    speaking: kind (`field`, `type`, `transition`, `word`) -> intent -> rows, the largest first
    body: the API's whole answer, with what was asked for besides: measures, curves of dependence, plausibility
    """

    study_id: str
    model_id: str
    method: str
    predictions: int
    intents: Mapping[str, int]
    reliability: Mapping[str, int]
    speaking: Mapping[str, Mapping[str, tuple[Speaking, ...]]]
    body: Mapping[str, Any]

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "StudyResult":
        """From the API's JSON."""
        kinds = {**(body.get("parts") or {}), **(body.get("speaking") or {})}
        return cls(
            study_id=body["study_id"],
            model_id=body["model_id"],
            method=body["method"],
            predictions=body["predictions"],
            intents=body["intents"],
            reliability=body["reliability"],
            speaking={
                kind: {intent: tuple(Speaking(**row) for row in rows) for intent, rows in by_intent.items()}
                for kind, by_intent in kinds.items()
            },
            body=body,
        )


@dataclass(frozen=True)
class Difference:
    """What a part adds to an intent in each of two models; value: first less second, with its paired 95 % interval.

    adjusted_p: the chance of so much where nothing differs, adjusted for the number of rows
    """

    name: str
    first: float
    second: float
    value: float
    low: float
    high: float
    n_first: int
    n_second: int
    adjusted_p: float


@dataclass(frozen=True)
class Divergence:
    """Where two models differ.

    answers: agreement, kappa, confusion, the sessions furthest apart; None where no session was answered by both, or
        they were not asked for
    unstudied: models without a study, for want of which nothing is in `differences`
    differences: kind (`field`, `type`, `transition`, `word`) -> intent -> rows, the largest first
    """

    model: str
    against: str
    answers: Mapping[str, Any] | None
    unstudied: tuple[str, ...]
    differences: Mapping[str, Mapping[str, tuple[Difference, ...]]]

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "Divergence":
        """From the API's JSON."""
        study = body.get("study") or {"unstudied": (), "differences": {}}
        return cls(
            model=body["model"],
            against=body["against"],
            answers=body.get("answers"),
            unstudied=tuple(study["unstudied"]),
            differences={
                kind: {intent: tuple(Difference(**row) for row in rows) for intent, rows in by_intent.items()}
                for kind, by_intent in study["differences"].items()
            },
        )


def _intents(body: Mapping[str, Any]) -> tuple[Intent, ...]:
    return tuple(Intent(intent["label"], intent["score"]) for intent in body["intents"])
