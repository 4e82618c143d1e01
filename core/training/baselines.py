"""What a model must beat: the base rate, k-grams of event types, boosted trees, all taught by the same rows."""

from collections import defaultdict
from typing import Protocol, Self

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

from core.training.prefix_features import prefix_features

LONGEST_GRAM = 3
_SMOOTHING = 2.0


class Baseline(Protocol):
    """Learns from labels at rows of an event frame and answers [R, K] probabilities at others."""

    def __init__(self, intents: int) -> None: ...

    def fit(
        self, events: pd.DataFrame, items: pd.DataFrame, rows: np.ndarray, labels: np.ndarray, weights: np.ndarray
    ) -> Self:
        """rows [R] int64 of the sorted event frame; labels [R] int64; weights [R] float."""
        ...

    def predict_proba(self, events: pd.DataFrame, items: pd.DataFrame, rows: np.ndarray) -> np.ndarray:
        """[R, K] float64 at rows [R]."""
        ...


class BaseRateBaseline:
    """Always answers how often each intent was labeled."""

    def __init__(self, intents: int) -> None:
        self.rates = np.full(intents, 1.0 / intents)

    def fit(
        self, events: pd.DataFrame, items: pd.DataFrame, rows: np.ndarray, labels: np.ndarray, weights: np.ndarray
    ) -> Self:
        counts = np.bincount(labels, weights=weights, minlength=len(self.rates))
        self.rates = counts / counts.sum()
        return self

    def predict_proba(self, events: pd.DataFrame, items: pd.DataFrame, rows: np.ndarray) -> np.ndarray:
        return np.tile(self.rates, (len(rows), 1))


class KGramBaseline:
    """Intent rates after the last 1 to 3 event types, each order smoothed towards the shorter one."""

    def __init__(self, intents: int) -> None:
        self._base = BaseRateBaseline(intents)
        self._counts: dict[tuple[str, ...], np.ndarray] = defaultdict(lambda: np.zeros(intents))

    def fit(
        self, events: pd.DataFrame, items: pd.DataFrame, rows: np.ndarray, labels: np.ndarray, weights: np.ndarray
    ) -> Self:
        self._base.fit(events, items, rows, labels, weights)
        for gram, label, weight in zip(_grams(events, rows), labels, weights, strict=True):
            for length in range(1, len(gram) + 1):
                self._counts[gram[-length:]][label] += weight
        return self

    def predict_proba(self, events: pd.DataFrame, items: pd.DataFrame, rows: np.ndarray) -> np.ndarray:
        return np.stack([self._rates(gram) for gram in _grams(events, rows)])

    def _rates(self, gram: tuple[str, ...]) -> np.ndarray:
        rates = self._base.rates
        for length in range(1, len(gram) + 1):
            if gram[-length:] not in self._counts:
                break
            counts = self._counts[gram[-length:]]
            rates = (counts + _SMOOTHING * rates) / (counts.sum() + _SMOOTHING)
        return rates


class TreesBaseline:
    """Gradient-boosted trees on prefix features (scikit-learn's, after LightGBM; Ke et al. 2017)."""

    def __init__(self, intents: int, seed: int = 0) -> None:
        self._base = BaseRateBaseline(intents)
        self._intents = intents
        self._known = np.zeros(0, dtype=bool)
        self._read: tuple[pd.DataFrame, np.ndarray] | None = None
        self._trees = HistGradientBoostingClassifier(
            learning_rate=0.04,
            max_iter=150,
            max_leaf_nodes=6,
            min_samples_leaf=8,
            l2_regularization=5.0,
            max_features=0.3,
            random_state=seed,
        )

    def fit(
        self, events: pd.DataFrame, items: pd.DataFrame, rows: np.ndarray, labels: np.ndarray, weights: np.ndarray
    ) -> Self:
        self._base.fit(events, items, rows, labels, weights)
        if len(np.unique(labels)) > 1:
            features = self._features(events, items)[rows]
            self._known = ~np.isnan(features).all(axis=0)  # the trees cannot bin a column without any value
            alike = np.ptp(weights) == 0  # then plain quantiles bin the columns, many times as fast as weighted ones
            self._trees.fit(features[:, self._known], labels, sample_weight=None if alike else weights)
        return self

    def predict_proba(self, events: pd.DataFrame, items: pd.DataFrame, rows: np.ndarray) -> np.ndarray:
        if not hasattr(self._trees, "classes_"):  # one intent only was labeled
            return self._base.predict_proba(events, items, rows)
        probabilities = np.zeros((len(rows), self._intents))
        features = self._features(events, items)[rows][:, self._known]
        probabilities[:, self._trees.classes_] = self._trees.predict_proba(features)
        return probabilities

    def _features(self, events: pd.DataFrame, items: pd.DataFrame) -> np.ndarray:
        """[N, P] float32; kept, since the events to learn from are mostly those to answer for."""
        if self._read is None or self._read[0] is not events:
            self._read = (events, prefix_features(events, items)[1])
        return self._read[1]


def _grams(events: pd.DataFrame, rows: np.ndarray) -> list[tuple[str, ...]]:
    """The last event types of the session up to each row, the row's own last."""
    types, sessions = events["event_type"].to_numpy(), events["session_id"].to_numpy()
    grams = []
    for row in rows:
        first = row
        while first > 0 and row - first < LONGEST_GRAM - 1 and sessions[first - 1] == sessions[row]:
            first -= 1
        grams.append(tuple(types[first : row + 1]))
    return grams
