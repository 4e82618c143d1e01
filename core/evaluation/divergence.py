"""Two models on the same sessions, labelled or not: where they answer otherwise, how often, and how far apart.

Sources: Cohen 1960 (κ, agreement beyond what two such models would reach by chance); Cicchetti and Feinstein 1990
(positive agreement of one category); Lin 1991 (Jensen-Shannon divergence, in bits: 0 the same, 1 nothing in common).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.evaluation.comparison import on_common_rows
from core.evaluation.records import Records
from core.evaluation.scores import Score
from core.training.held_out import MODEL
from core.training.metrics import BOOTSTRAP_ROUNDS, INTERVAL

_ABOUT = ["session_id", "visitor_id", "event_id"]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Answers:
    """What two models say at the last event of N sessions.

    frame: session_id, visitor_id, event_id. first, second: probabilities [N, K] in the order of `intents`.
    """

    intents: tuple[str, ...]
    frame: pd.DataFrame
    first: npt.NDArray[np.floating]
    second: npt.NDArray[np.floating]

    def __len__(self) -> int:
        return len(self.frame)


@dataclass(frozen=True)
class Divergence:
    """Two models on n sessions of so many visitors.

    agreement: share with the same likeliest intent. kappa: NaN where both say one and the same intent everywhere.
    confusion: [K, K], a row an intent of the first, a column one of the second.
    per_intent: intent, first, second (sessions in which each says it), both, agreement, low, high.
    sessions: session_id, visitor_id, event_id, first, second (intents), first_probability, second_probability,
    divergence; the furthest apart first.
    """

    intents: tuple[str, ...]
    n: int
    visitors: int
    agreement: Score
    kappa: Score
    confusion: npt.NDArray[np.int64]
    per_intent: pd.DataFrame
    sessions: pd.DataFrame

    def cell(self, first: str, second: str) -> pd.DataFrame:
        """The sessions in which the first model says one intent and the second the other, the furthest apart first."""
        rows = self.sessions
        found: pd.DataFrame = rows[(rows["first"] == first) & (rows["second"] == second)]
        return found.reset_index(drop=True)


def answers_of_states(states: pd.DataFrame, intents: tuple[Sequence[str], Sequence[str]]) -> Answers:
    """Stored answers as one table over all intents of both; one that a model does not know has probability 0 there.

    Args:
        states: session_id, visitor_id, event_id, first, second (lists of probabilities).
        intents: of the first model, and of the second.
    """
    every = tuple(dict.fromkeys([*intents[0], *intents[1]]))
    first, second = (
        _widened(states[name].tolist(), known, every) for name, known in zip(("first", "second"), intents, strict=True)
    )
    return Answers(every, states[_ABOUT].reset_index(drop=True), first, second)


def answers_of_records(first: Records, second: Records) -> Answers:
    """What both models said at the last events of the sessions that both held out."""
    one, other = on_common_rows(first, second)
    last = np.asarray(one.frame["place"] == one.frame["session_events"], dtype=bool)
    one, other = one.take(last), other.take(last)
    return Answers(one.intents, one.frame[_ABOUT], one.answers[MODEL], other.answers[MODEL])


def diverge(answers: Answers, seed: int = 0) -> Divergence | None:
    """Compare two models; None without sessions. Intervals draw whole visitors, both models see the same ones."""
    if not len(answers):
        return None
    places = answers.first.argmax(axis=1), answers.second.argmax(axis=1)
    visitors, codes = np.unique(answers.frame["visitor_id"].to_numpy(dtype=str), return_inverse=True)
    size = len(answers.intents)
    counts = np.zeros((len(visitors), size * size), dtype=np.int64)
    np.add.at(counts, (codes, places[0] * size + places[1]), 1)
    times = np.random.default_rng(seed).multinomial(
        len(visitors), np.full(len(visitors), 1 / len(visitors)), BOOTSTRAP_ROUNDS
    )
    confusion = counts.sum(axis=0).reshape(size, size)
    drawn = (times @ counts).reshape(-1, size, size)
    return Divergence(
        intents=answers.intents,
        n=len(answers),
        visitors=len(visitors),
        agreement=_score(agreement_of(confusion), agreement_of(drawn), len(answers)),
        kappa=_score(kappa_of(confusion), kappa_of(drawn), len(answers)),
        confusion=confusion,
        per_intent=_per_intent(answers.intents, confusion, drawn),
        sessions=_sessions(answers, *places),
    )


def agreement_of(confusions: npt.NDArray[np.int64]) -> Floats:
    """[...]: the share on the diagonal of confusions [..., K, K]."""
    found: Floats = np.trace(confusions, axis1=-2, axis2=-1) / confusions.sum(axis=(-2, -1))
    return found


def kappa_of(confusions: npt.NDArray[np.int64]) -> Floats:
    """[...]: Cohen's κ of confusions [..., K, K]; NaN where chance alone would agree everywhere."""
    total = confusions.sum(axis=(-2, -1))
    chance = (confusions.sum(axis=-1) * confusions.sum(axis=-2)).sum(axis=-1) / total**2
    beyond, room = agreement_of(confusions) - chance, 1 - chance
    found: Floats = np.divide(beyond, room, out=np.full_like(beyond, np.nan), where=room > 0)
    return found


def jensen_shannon(first: npt.NDArray[np.floating], second: npt.NDArray[np.floating]) -> Floats:
    """[N] in bits, 0 to 1, of probabilities [N, K]."""
    one, other = first.astype(np.float64), second.astype(np.float64)
    middle = (one + other) / 2
    found: Floats = (_relative_entropy(one, middle) + _relative_entropy(other, middle)) / 2
    return np.clip(found, 0.0, 1.0)


def _relative_entropy(of: Floats, to: Floats) -> Floats:
    found: Floats = np.where(of > 0, of * np.log2(np.where(of > 0, of, 1) / np.where(to > 0, to, 1)), 0.0).sum(axis=1)
    return found


def _per_intent(
    intents: tuple[str, ...], confusion: npt.NDArray[np.int64], drawn: npt.NDArray[np.int64]
) -> pd.DataFrame:
    """Intents that either says at least once; agreement is of the sessions in which either does (both count twice)."""
    said = (confusion.sum(axis=0) + confusion.sum(axis=1)) > 0
    low, high = np.full((2, len(intents)), np.nan)
    low[said], high[said] = np.nanpercentile(_positive_agreement(drawn)[:, said], INTERVAL, axis=0)
    frame = pd.DataFrame(
        {
            "intent": intents,
            "first": confusion.sum(axis=1),
            "second": confusion.sum(axis=0),
            "both": np.diagonal(confusion),
            "agreement": _positive_agreement(confusion),
            "low": low,
            "high": high,
        }
    )
    kept: pd.DataFrame = frame[said]
    return kept.reset_index(drop=True)


def _positive_agreement(confusions: npt.NDArray[np.int64]) -> Floats:
    said = confusions.sum(axis=-1) + confusions.sum(axis=-2)
    both = 2.0 * np.diagonal(confusions, axis1=-2, axis2=-1)
    found: Floats = np.divide(both, said, out=np.full_like(both, np.nan), where=said > 0)
    return found


def _sessions(answers: Answers, first: npt.NDArray[np.int64], second: npt.NDArray[np.int64]) -> pd.DataFrame:
    names, rows = np.array(answers.intents, dtype=object), np.arange(len(answers))
    frame = answers.frame.reset_index(drop=True).assign(
        first=names[first],
        second=names[second],
        first_probability=answers.first[rows, first].astype(float),
        second_probability=answers.second[rows, second].astype(float),
        divergence=jensen_shannon(answers.first, answers.second),
    )
    found: pd.DataFrame = frame.sort_values("divergence", ascending=False, kind="stable", ignore_index=True)
    return found


def _widened(rows: list[Sequence[float]], known: Sequence[str], every: tuple[str, ...]) -> Floats:
    """[N, K] over `every` intent."""
    values = np.zeros((len(rows), len(every)))
    if rows:
        values[:, [every.index(intent) for intent in known]] = np.array(rows, dtype=np.float64)
    return values


def _score(value: Floats, drawn: Floats, n: int) -> Score:
    known = drawn[~np.isnan(drawn)]
    low, high = np.percentile(known, INTERVAL) if len(known) else (np.nan, np.nan)
    return Score(float(value), float(low), float(high), n)
