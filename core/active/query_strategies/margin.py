"""Margin (Scheffer et al. 2001; Settles 2009, 3.1)."""

from typing import ClassVar

import numpy as np

from core.active.query_strategies.uncertainty import Uncertainty


class Margin(Uncertainty):
    """The smallest gap between the two likeliest intents first. Use it where two intents are easily confused."""

    name: ClassVar[str] = "margin"

    @staticmethod
    def score(probabilities: np.ndarray) -> np.ndarray:
        """Minus the gap between the two highest of each row: [N, K] float32 to [N]."""
        if probabilities.shape[1] < 2:
            return np.zeros(len(probabilities), dtype=np.float32)
        top = np.partition(probabilities, -2, axis=1)
        score: np.ndarray = top[:, -2] - top[:, -1]
        return score
