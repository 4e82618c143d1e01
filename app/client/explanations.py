"""Why the model says an intent, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


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
