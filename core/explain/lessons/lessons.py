"""The labelled sessions that taught a model, read once by it, and what they say about one of its predictions."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from core.errors import UnknownIntentError
from core.explain.lessons.influence import influences, shares
from core.explain.lessons.moments import Moment, Progress, read_moment, read_states, scorers_of, state_at_end
from core.explain.lessons.similar import similarities, unit
from core.explain.lessons.taught import Taught
from core.model.scorer import SessionScorer


@dataclass(frozen=True)
class Lesson:
    """A labelled session, or one labelled event of it, beside an explained prediction.

    event_id: where the label stands, the session's last event where the whole session was labelled
    taught: the intent most annotators had said when the model was trained; guess: what the model says there now, with
        its probability
    similarity: cosine of the model's states, −1 to 1
    influence: share of all influence, −1 to 1; + speaks for the explained intent
    """

    session_id: str
    visitor_id: str
    event_id: str
    taught: str
    guess: str
    probability: float
    similarity: float
    influence: float


@dataclass(frozen=True)
class Evidence:
    """The lessons most similar to a prediction, and those most for and against it; of how many in all.

    checkpoints: states of the model that the influence was summed over; is_exact: see Taught
    """

    similar: tuple[Lesson, ...]
    speaking_for: tuple[Lesson, ...]
    speaking_against: tuple[Lesson, ...]
    lessons: int
    checkpoints: int
    is_exact: bool
    model_id: str


class Lessons:
    """The T labelled sessions and events of one model; immutable once made, and safe to ask from many threads.

    Args:
        moments: the model while it was trained, the delivered one last.
        states: [R, d] float32, the delivered model's last hidden states at the labeled events.
    """

    def __init__(self, scorer: SessionScorer, taught: Taught, moments: list[Moment], states: np.ndarray) -> None:
        self.model_id = scorer.model_id
        self.is_exact = taught.is_exact
        self.moments = moments
        named = taught.events.iloc[taught.rows].reset_index(drop=True)
        self._lesson_of_row = _lesson_of_row(named["session_id"], taught.decisive)
        ends = named[taught.decisive]
        self._session_ids, self._visitor_ids, self._event_ids = (
            ends[name].tolist() for name in ("session_id", "visitor_id", "event_id")
        )
        self.visitors = frozenset(self._visitor_ids)
        self._taught = taught.targets[taught.decisive].argmax(axis=1)
        self._units = unit(states[taught.decisive])
        self._intents = scorer.intents
        self._probabilities = _calibrated(scorer, states[taught.decisive])

    def __len__(self) -> int:
        return len(self._event_ids)

    def ask(
        self,
        events: pd.DataFrame,
        items: pd.DataFrame,
        media: Path | None = None,
        *,
        intent: str,
        against: str | None = None,
        most: int = 5,
        without_session: str | None = None,
    ) -> Evidence:
        """What the lessons say about the intent at the last of one visitor's events.

        Args:
            events: in order; items: that they name.
            against: the intent is set against this one.
            most: lessons of each kind.
            without_session: the explained session, which is not told as similar to itself; in the influential ones it
                stays, since its own label may be what taught the answer.

        Raises:
            UnknownIntentError: the model does not know an intent.
        """
        states = [state_at_end(moment.scorer, events, items, media) for moment in self.moments]
        similarity = similarities(self._units, states[-1])
        influence = self.influence_of(states, self._place(intent), None if against is None else self._place(against))
        strength = shares(influence)
        others = np.array([session != without_session for session in self._session_ids], dtype=bool)
        nearest = [at for at in _largest(similarity, len(self)) if others[at]][:most]
        return Evidence(
            similar=tuple(self._lesson(at, similarity, strength) for at in nearest),
            speaking_for=tuple(self._lesson(at, similarity, strength) for at in _largest(strength, most, above=0.0)),
            speaking_against=tuple(
                self._lesson(at, similarity, strength) for at in _largest(-strength, most, above=0.0)
            ),
            lessons=len(self),
            checkpoints=len(self.moments),
            is_exact=self.is_exact,
            model_id=self.model_id,
        )

    def influence_of(self, states: list[np.ndarray], target: int, against: int | None = None) -> np.ndarray:
        """[T] float64: the influence of each lesson, all its labeled events together, on a prediction.

        Args:
            states: [d] at the predicted event, by each moment's model.
            target, against: places among the model's intents.
        """
        readings = [read_states(moment.scorer, state) for moment, state in zip(self.moments, states, strict=True)]
        by_row = influences(self.moments, readings, target, against)
        known = self._lesson_of_row >= 0
        return np.bincount(self._lesson_of_row[known], weights=by_row[known], minlength=len(self))

    def _lesson(self, at: int, similarity: np.ndarray, strength: np.ndarray) -> Lesson:
        row = self._probabilities[at]
        return Lesson(
            session_id=self._session_ids[at],
            visitor_id=self._visitor_ids[at],
            event_id=self._event_ids[at],
            taught=self._intents[int(self._taught[at])],
            guess=self._intents[int(row.argmax())],
            probability=float(row.max()),
            similarity=float(similarity[at]),
            influence=float(strength[at]),
        )

    def _place(self, intent: str) -> int:
        if intent not in self._intents:
            known = ", ".join(self._intents)
            raise UnknownIntentError(f"The model '{self.model_id}' does not know the intent '{intent}', only {known}.")
        return self._intents.index(intent)


def learn_lessons(
    scorer: SessionScorer, folder: Path, taught: Taught, media: Path | None = None, progress: Progress | None = None
) -> Lessons:
    """Read all labelled sessions by the model at each moment of its training.

    Args:
        folder: the model's, with the trace of its training.
        progress: told (done, total) events.

    Raises:
        BrokenCheckpointError: the trace is damaged.
    """
    models = scorers_of(scorer, folder)
    whole = len(taught.events) * len(models)
    moments, states = [], np.zeros((0, scorer.model.config.hidden_size), dtype=np.float32)
    for number, (model, rate) in enumerate(models):

        def told(done: int, total: int, before: int = number * len(taught.events)) -> None:
            if progress is not None:
                progress(before + done, whole)

        moment, states = read_moment(model, rate, taught, media, told)
        moments.append(moment)
    return Lessons(scorer, taught, moments, states)


def _lesson_of_row(sessions: pd.Series, decisive: np.ndarray) -> np.ndarray:
    """[R] int64: of each labeled event the lesson it belongs to, the next decisive one of its session; else −1."""
    number = pd.Series(np.where(decisive, np.cumsum(decisive) - 1, np.nan), index=sessions.index)
    belongs: np.ndarray = number.groupby(sessions).bfill().fillna(-1).to_numpy(dtype=np.int64)
    return belongs


def _calibrated(scorer: SessionScorer, states: np.ndarray) -> np.ndarray:
    """[T, K] of last hidden states [T, d]."""
    raw = read_states(scorer, states).raw.astype(np.float64)
    tempered = np.maximum(raw, 1e-30) ** (1.0 / scorer.temperature)
    calibrated: np.ndarray = tempered / tempered.sum(axis=1, keepdims=True)
    return calibrated


def _largest(values: np.ndarray, most: int, *, above: float = -np.inf) -> list[int]:
    """Places of the largest values, the largest first, equal ones in order."""
    return [int(at) for at in np.argsort(-values, kind="stable")[:most] if values[at] > above]
