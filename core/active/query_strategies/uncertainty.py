"""The skeleton of strategies that ask about what the serving model is unsure of (Settles 2009, 3.1)."""

from abc import abstractmethod
from typing import ClassVar

import numpy as np

from core.active.pool import Pool
from core.active.query_strategies.strategy import Need, QueryStrategy


class Uncertainty(QueryStrategy):
    """The highest score first, by the model's probabilities at the session's last event."""

    needs: ClassVar[Need] = "model"

    @staticmethod
    @abstractmethod
    def score(probabilities: np.ndarray) -> np.ndarray:
        """How unsure each row is: [N, K] float32 to [N]."""

    def rank(self, pool: Pool, wanted: int) -> list[str]:
        states = pool.states(pool.models[0])
        return pool.ranked_by(pool.models[0], self.score(states.values), states, wanted)
