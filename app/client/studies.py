"""What speaks for intents over many sessions, and where two models differ, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


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
