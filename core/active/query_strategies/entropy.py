"""Entropy (Shannon 1948; Settles 2009, 3.1)."""

from typing import ClassVar

import numpy as np

from core.active.pool import Pool
from core.active.query_strategies.strategy import Need, QueryStrategy


class Entropy(QueryStrategy):
    """The most spread-out probabilities first. Use it where the model wavers between many intents."""

    name: ClassVar[str] = "entropy"
    needs: ClassVar[Need] = "model"

    def rank(self, pool: Pool, wanted: int) -> list[str]:
        states = pool.states(pool.models[0])
        return pool.ranked_by(pool.models[0], entropy(states.values), states, wanted)


def entropy(probabilities: np.ndarray) -> np.ndarray:
    """The entropy of each row in nats: [N, K] float32 to [N]."""
    score: np.ndarray = -np.sum(probabilities * np.log(np.maximum(probabilities, 1e-12)), axis=1)
    return score
