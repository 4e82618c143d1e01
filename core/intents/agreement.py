"""How far annotators agree beyond chance: Krippendorff's alpha, Cohen's kappa, and which intents they confuse.

Everything is computed from votes: rows of `target` (what was labeled), `session_id`, `annotator` and `intent`, one row
an annotator and target. What cannot be computed is None with a reason, never NaN.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
import pandas as pd

Undefined = Literal["no_labels", "one_annotator", "nothing_shared", "one_intent"]
"""Why a figure cannot be computed; `one_intent`: all shared labels are equal, so chance alone explains them."""

RESAMPLES = 2000
LEVEL = 0.95
LEAST_SESSIONS = 10
"""Drawing fewer sessions anew says too little about how others would differ."""


@dataclass(frozen=True)
class Alpha:
    """Krippendorff's alpha: 1 is perfect agreement, 0 is chance, below is systematic disagreement.

    value, low, high: None where undefined (see `undefined`) or, for the interval, with fewer than 10 sessions.
    targets: labelled by two annotators or more; votes: on these; annotators: who gave them.
    """

    value: float | None
    low: float | None
    high: float | None
    undefined: Undefined | None
    targets: int
    votes: int
    annotators: int


@dataclass(frozen=True)
class Kappa:
    """Cohen's kappa of two annotators over the `shared` targets that both labelled."""

    first: str
    second: str
    value: float | None
    agreed: float | None
    shared: int
    undefined: Undefined | None


def krippendorff_alpha(votes: pd.DataFrame, *, seed: int = 0, resamples: int = RESAMPLES) -> Alpha:
    """Nominal alpha with missing values (Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, section C).

    The interval draws whole sessions anew (Efron 1979), since the events of a session are not independent.
    """
    counts, sessions = _counts(votes)
    shared = counts.sum(axis=1) >= 2
    about = (int(shared.sum()), int(counts[shared].sum()), _annotators(votes, shared))
    parts = _contributions(counts[shared])
    undefined = _undefined(votes, counts[shared])
    if undefined is not None:
        return Alpha(None, None, None, undefined, *about)
    value = float(_alpha(parts.sum(axis=0)[None])[0])
    low, high = _interval(parts, sessions[shared], seed, resamples)
    return Alpha(value, low, high, None, *about)


def cohen_kappas(votes: pd.DataFrame) -> list[Kappa]:
    """Kappa (Cohen 1960) of every pair of annotators, by name."""
    table = votes.pivot_table(index="target", columns="annotator", values="intent", aggfunc="last")
    return [_kappa(table[first], table[second]) for first, second in combinations(sorted(table.columns), 2)]


def confusion(votes: pd.DataFrame, intents: Sequence[str], pair: tuple[str, str] | None = None) -> np.ndarray:
    """How often one annotator says the row's intent where another says the column's: [K, K] int64.

    Args:
        pair: rows are the first one's labels and columns the second's; without it all pairs count, both ways.
    """
    met = meetings(votes, pair)
    places = {intent: place for place, intent in enumerate(intents)}
    counts = np.zeros((len(intents), len(intents)), dtype=np.int64)
    known = met[met["intent"].isin(places) & met["other"].isin(places)]
    np.add.at(counts, (known["intent"].map(places), known["other"].map(places)), 1)
    return counts


def meetings(votes: pd.DataFrame, pair: tuple[str, str] | None = None) -> pd.DataFrame:
    """Every two votes on one target, both ways round: the first's columns, then `by` and `other` of the second.

    Args:
        pair: only where the vote is the first one's and the other is the second's.
    """
    others = votes[["target", "annotator", "intent"]].rename(columns={"annotator": "by", "intent": "other"})
    if pair is not None:
        votes, others = votes[votes["annotator"] == pair[0]], others[others["by"] == pair[1]]
    met = votes.merge(others, on="target")
    return met[met["annotator"] != met["by"]].reset_index(drop=True)


def disagreement_by_intent(votes: pd.DataFrame, intents: Sequence[str]) -> pd.DataFrame:
    """For each intent that was said where two annotators met, the least agreed one first.

    Columns: intent, said (meetings in which it was said), disagreed, share, rival (what the other then says most),
    rival_share (of the disagreements).
    """
    counts = confusion(votes, intents)
    rows = []
    for place, intent in enumerate(intents):
        said = int(counts[place].sum())
        if not said:
            continue
        elsewhere = np.where(np.arange(len(intents)) == place, 0, counts[place])
        disagreed = int(elsewhere.sum())
        rival = intents[int(elsewhere.argmax())] if disagreed else None
        rivals = float(elsewhere.max() / disagreed) if disagreed else None
        rows.append((intent, said, disagreed, disagreed / said, rival, rivals))
    frame = pd.DataFrame(rows, columns=["intent", "said", "disagreed", "share", "rival", "rival_share"])
    return frame.sort_values(["share", "said"], ascending=False, kind="stable", ignore_index=True)


def _counts(votes: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Votes for each intent at each target [U, K] int64, and the target's session code [U]."""
    targets, names = pd.factorize(votes["target"])
    intents, kinds = pd.factorize(votes["intent"])
    counts = np.zeros((len(names), len(kinds)), dtype=np.int64)
    np.add.at(counts, (targets, intents), 1)
    sessions = pd.factorize(votes["session_id"])[0][np.unique(targets, return_index=True)[1]]
    return counts, sessions


def _annotators(votes: pd.DataFrame, shared: np.ndarray) -> int:
    return int(votes["annotator"][shared[pd.factorize(votes["target"])[0]]].nunique()) if len(votes) else 0


def _undefined(votes: pd.DataFrame, shared: np.ndarray) -> Undefined | None:
    if votes.empty:
        return "no_labels"
    if votes["annotator"].nunique() < 2:
        return "one_annotator"
    if not len(shared):
        return "nothing_shared"
    return "one_intent" if (shared.sum(axis=0) > 0).sum() < 2 else None


def _contributions(counts: np.ndarray) -> np.ndarray:
    """[U, K + 1]: each target's votes by intent, and its share of the diagonal of the coincidence matrix."""
    if not len(counts):
        return np.zeros((0, counts.shape[1] + 1))
    agreeing = (counts * (counts - 1)).sum(axis=1) / (counts.sum(axis=1) - 1)
    return np.column_stack([counts, agreeing])


def _alpha(sums: np.ndarray) -> np.ndarray:
    """Alpha [B] of summed contributions [B, K + 1]; NaN where only one intent is left."""
    by_intent, agreeing = sums[:, :-1], sums[:, -1]
    n = by_intent.sum(axis=1)
    expected = n * (n - 1) - (by_intent * (by_intent - 1)).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        alpha: np.ndarray = 1 - (n - 1) * (n - agreeing) / expected
    return np.where(expected > 0, alpha, np.nan)


def _interval(
    parts: np.ndarray, sessions: np.ndarray, seed: int, resamples: int
) -> tuple[float, float] | tuple[None, None]:
    codes, places = np.unique(sessions, return_inverse=True)
    if len(codes) < LEAST_SESSIONS:
        return None, None
    by_session = np.zeros((len(codes), parts.shape[1]))
    np.add.at(by_session, places, parts)
    kinds, often = np.unique(by_session, axis=0, return_counts=True)  # sessions alike are drawn as one
    drawn = np.random.default_rng(seed).multinomial(len(codes), often / len(codes), size=resamples)
    values = _alpha(drawn @ kinds)
    values = values[np.isfinite(values)]
    if not len(values):
        return None, None
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _kappa(one: pd.Series, other: pd.Series) -> Kappa:
    both = one.notna() & other.notna()
    first, second, shared = str(one.name), str(other.name), int(both.sum())
    if not shared:
        return Kappa(first, second, None, None, 0, "nothing_shared")
    left, right = one[both], other[both]
    agreed = float((left == right).mean())
    chances = left.value_counts(normalize=True).mul(right.value_counts(normalize=True), fill_value=0.0)
    by_chance = float(chances.sum())
    if np.isclose(by_chance, 1.0):
        return Kappa(first, second, None, agreed, shared, "one_intent")
    return Kappa(first, second, (agreed - by_chance) / (1 - by_chance), agreed, shared, None)
