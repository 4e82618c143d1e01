"""Entropy (Shannon 1948; Settles 2009, 3.1)."""

from typing import ClassVar

import numpy as np

from core.active.query_strategies.uncertainty import Uncertainty


class Entropy(Uncertainty):
    """The most spread-out probabilities first. Use it where the model wavers between many intents."""

    name: ClassVar[str] = "entropy"

    @staticmethod
    def score(probabilities: np.ndarray) -> np.ndarray:
        """The entropy of each row in nats: [N, K] float32 to [N]."""
        score: np.ndarray = -np.sum(probabilities * np.log(np.maximum(probabilities, 1e-12)), axis=1)
        return score
