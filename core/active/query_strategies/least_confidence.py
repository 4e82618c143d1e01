"""Least confidence (Lewis & Gale 1994; Settles 2009, 3.1)."""

from typing import ClassVar

import numpy as np

from core.active.query_strategies.uncertainty import Uncertainty


class LeastConfidence(Uncertainty):
    """The lowest top probability at the last event first. Use it when one right answer matters; it asks again and
    again about what looks alike."""

    name: ClassVar[str] = "least_confidence"

    @staticmethod
    def score(probabilities: np.ndarray) -> np.ndarray:
        """One minus the highest of each row: [N, K] float32 to [N]."""
        score: np.ndarray = 1.0 - probabilities.max(axis=1)
        return score
