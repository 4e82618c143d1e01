"""Least confidence (Lewis & Gale 1994; Settles 2009, 3.1)."""

from typing import ClassVar

import numpy as np

from core.active.pool import Pool
from core.active.query_strategies.strategy import Need, QueryStrategy


class LeastConfidence(QueryStrategy):
    """The lowest top probability at the last event first. Use it when one right answer matters; it asks again and
    again about what looks alike."""

    name: ClassVar[str] = "least_confidence"
    needs: ClassVar[Need] = "model"

    def rank(self, pool: Pool, wanted: int) -> list[str]:
        states = pool.states(pool.models[0])
        return pool.ranked_by(pool.models[0], least_confidence(states.values), states, wanted)


def least_confidence(probabilities: np.ndarray) -> np.ndarray:
    """One minus the highest of each row: [N, K] float32 to [N]."""
    score: np.ndarray = 1.0 - probabilities.max(axis=1)
    return score
