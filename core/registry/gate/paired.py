"""Two models on the same labelled events: per intent, how far apart they are beyond chance.

A paired bootstrap over visitors (Efron and Tibshirani 1993): each round draws visitors with replacement and takes both
models' figures on the same draw, so that what is hard for both cancels out. Everything is computed from weights, no
row is copied.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

Measure = Literal["f1", "pr_auc"]
MEASURES: tuple[Measure, ...] = ("f1", "pr_auc")
ROUNDS = 2000
ROUNDS_AT_ONCE = 200


@dataclass(frozen=True)
class Paired:
    """N labelled events answered by both models.

    intents: K ids; answers: [N] int64 places among them; visitors: [N] any; challenger, champion: [N, K] float64,
    0 for an intent a model does not know.
    """

    intents: tuple[str, ...]
    answers: np.ndarray
    visitors: np.ndarray
    challenger: np.ndarray
    champion: np.ndarray

    def __len__(self) -> int:
        return len(self.answers)


@dataclass(frozen=True)
class Difference:
    """A figure of one intent for both models, and the one-sided upper limit of challenger - champion.

    margin: how much worse the challenger may look without being held to be.
    """

    intent: str
    measure: Measure
    labels: int
    champion: float
    challenger: float
    upper: float
    margin: float = 0.0

    @property
    def is_worse(self) -> bool:
        """Whether the challenger is worse beyond chance."""
        return self.upper < -self.margin


def differences(
    pairs: Paired, judged: tuple[int, ...], level: float, margin: float = 0.0, seed: int = 0
) -> list[Difference]:
    """F1 and PR-AUC of the judged intents.

    Args:
        judged: places of intents.
        level: chance, over all figures together, that a challenger as good as the champion looks worse; each of the
            M figures is tested one-sided at level / M (Bonferroni).
        margin: see Difference.
    """
    draws = _Draws(pairs.visitors, seed)
    quantile = 1 - level / (len(judged) * len(MEASURES))
    found = []
    for place in judged:
        truth = pairs.answers == place
        for measure in MEASURES:
            one, two = (_figure(measure, truth, answered, place) for answered in (pairs.champion, pairs.challenger))
            ones, twos = (
                np.concatenate([_figures(measure, truth, answered, place, weights) for weights in draws])
                for answered in (pairs.champion, pairs.challenger)
            )
            upper = float(np.quantile(twos - ones, quantile))
            found.append(Difference(pairs.intents[place], measure, int(truth.sum()), one, two, upper, margin))
    return found


class _Draws:
    """Weights [rounds, N] float64 of the rows, some rounds at a time: how often each row's visitor is drawn."""

    def __init__(self, visitors: np.ndarray, seed: int) -> None:
        names, self._codes = np.unique(visitors.astype(str), return_inverse=True)
        share = np.full(len(names), 1 / len(names))
        self._counts = np.random.default_rng(seed).multinomial(len(names), share, size=ROUNDS).astype(np.int32)

    def __iter__(self) -> Iterator[np.ndarray]:
        for part in np.array_split(self._counts, ROUNDS // ROUNDS_AT_ONCE):
            yield part[:, self._codes].astype(np.float64)


def _figure(measure: Measure, truth: np.ndarray, answered: np.ndarray, place: int) -> float:
    return float(_figures(measure, truth, answered, place, np.ones((1, len(truth))))[0])


def _figures(measure: Measure, truth: np.ndarray, answered: np.ndarray, place: int, weights: np.ndarray) -> np.ndarray:
    """A figure under each row of weights [R, N]: [R]."""
    if measure == "f1":
        return weighted_f1(truth, answered.argmax(axis=1) == place, weights)
    return weighted_average_precision(truth, answered[:, place], weights)


def weighted_f1(truth: np.ndarray, guessed: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """F1 [R] of yes/no guesses [N] under weights [R, N]; 0 where nothing is true and nothing guessed."""
    hits = weights @ (truth & guessed)
    total = weights @ truth.astype(float) + weights @ guessed.astype(float)
    f1: np.ndarray = 2 * hits / np.maximum(total, 1e-12)
    return f1


def weighted_average_precision(truth: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Average precision [R] of scores [N] under weights [R, N], tied scores as one step; 0 where nothing is true."""
    order = np.argsort(-scores, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
    drawn = np.cumsum(weights[:, order], axis=1)[:, ends]  # [R, G]
    hits = np.cumsum(weights[:, order] * truth[order], axis=1)[:, ends]
    precision = hits / np.maximum(drawn, 1e-12)
    gained = np.diff(hits, axis=1, prepend=0.0)
    average: np.ndarray = (precision * gained).sum(axis=1) / np.maximum(hits[:, -1], 1e-12)
    return average
