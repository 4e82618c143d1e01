"""Boosted trees that learn from the same prefixes with the same weights: the rival, and the teacher."""

from typing import Self

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier


class PurchaseTrees:
    """Gradient-boosted trees on the features of a prefix, stopped on the same validation rows as the model."""

    def __init__(self, seed: int = 0) -> None:
        self._known = np.zeros(0, dtype=bool)
        self._seed = seed
        self._trees: HistGradientBoostingClassifier | None = None

    def fit(
        self,
        features: np.ndarray,
        answers: np.ndarray,
        weights: np.ndarray,
        validation: tuple[np.ndarray, np.ndarray, np.ndarray],
    ) -> Self:
        """features [R, P] float32, NaN = missing; answers [R] bool; weights [R]; the same three of the validation."""
        self._known = ~np.isnan(features).all(axis=0)  # the trees cannot bin a column without any value
        self._trees = HistGradientBoostingClassifier(
            learning_rate=0.08,
            max_iter=400,
            max_leaf_nodes=24,
            min_samples_leaf=40,
            l2_regularization=2.0,
            max_features=0.5,
            early_stopping=True,
            n_iter_no_change=10,
            random_state=self._seed,
        )
        self._trees.fit(
            features[:, self._known],
            answers,
            sample_weight=weights,
            X_val=validation[0][:, self._known],
            y_val=validation[1],
            sample_weight_val=validation[2],
        )
        return self

    def predict(self, features: np.ndarray) -> np.ndarray:
        """[R] probabilities."""
        if self._trees is None:
            raise ValueError("the trees were not fitted, expected a call of fit before.")
        probabilities: np.ndarray = self._trees.predict_proba(features[:, self._known])[:, 1]
        return probabilities
