"""Macro-F1 with 95 % intervals over visitors, for one set of guesses or for the difference of two.

The bootstrap of core/training/metrics.py, made quick enough for a page: each visitor's confusion is counted once and
drawn visitors are summed, instead of scoring every drawn table anew. Same draws, same interval.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from core.evaluation.records import NAMES, Records
from core.training.metrics import BOOTSTRAP_ROUNDS, INTERVAL


@dataclass(frozen=True)
class Score:
    """A macro-F1 (or a difference of two), its 95 % interval and the number of labels it is of."""

    value: float
    low: float
    high: float
    n: int


def macro_f1_score(labels: np.ndarray, guesses: np.ndarray, intents: int, groups: np.ndarray, seed: int = 0) -> Score:
    """Macro-F1 of guesses [N] against labels [N] (places below `intents`), whole groups [N] drawn."""
    counts = _group_confusions(labels, guesses, intents, groups)
    return _score(macro_f1_of(counts.sum(axis=0)), _drawn(counts, seed), len(labels))


def difference_score(
    labels: np.ndarray, first: np.ndarray, second: np.ndarray, intents: int, groups: np.ndarray, seed: int = 0
) -> Score:
    """Macro-F1 of the first guesses [N] less that of the second, paired: both see the same drawn groups.

    A paired interval is narrower than two separate ones suggest, since easy visitors are easy for both.
    """
    one, other = (_group_confusions(labels, guesses, intents, groups) for guesses in (first, second))
    value = macro_f1_of(one.sum(axis=0)) - macro_f1_of(other.sum(axis=0))
    return _score(value, _drawn(one, seed) - _drawn(other, seed), len(labels))


def scores_beside(records: Records, column: str = "answer", names: Iterable[str] = NAMES) -> dict[str, Score]:
    """Each name's score on the same rows, all of which have a label in `column`."""
    labels, visitors = records.labels(column), records.visitors()
    return {name: macro_f1_score(labels, records.guesses(name), len(records.intents), visitors) for name in names}


def macro_f1_of(confusions: np.ndarray) -> np.ndarray:
    """Macro-F1 [...] of confusions [..., K, K] (row = label) over the intents that have labels; 0 without any."""
    right = np.diagonal(confusions, axis1=-2, axis2=-1)
    labelled, guessed = confusions.sum(axis=-1), confusions.sum(axis=-2)
    f1 = 2 * right / np.maximum(labelled + guessed, 1)
    present = labelled > 0
    return np.asarray((f1 * present).sum(axis=-1) / np.maximum(present.sum(axis=-1), 1))


def _group_confusions(labels: np.ndarray, guesses: np.ndarray, intents: int, groups: np.ndarray) -> np.ndarray:
    """[G, K, K] int64, groups in order of their names."""
    names, codes = np.unique(groups, return_inverse=True)
    counts = np.zeros((len(names), intents, intents), dtype=np.int64)
    np.add.at(counts, (codes, labels, guesses), 1)
    return counts


def _drawn(counts: np.ndarray, seed: int) -> np.ndarray:
    """Macro-F1 [BOOTSTRAP_ROUNDS] of as many groups drawn with replacement (Efron and Tibshirani 1993)."""
    random = np.random.default_rng(seed)
    groups = len(counts)
    if not groups:
        return np.zeros(BOOTSTRAP_ROUNDS)
    times = np.stack(
        [np.bincount(random.integers(0, groups, groups), minlength=groups) for _ in range(BOOTSTRAP_ROUNDS)]
    )
    return macro_f1_of(np.tensordot(times, counts, axes=1))


def _score(value: np.ndarray, drawn: np.ndarray, labels: int) -> Score:
    low, high = np.percentile(drawn, INTERVAL)
    return Score(float(value), float(low), float(high), labels)
