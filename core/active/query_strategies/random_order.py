"""Random order."""

from typing import ClassVar

from core.active.pool import Pool
from core.active.query_strategies.strategy import QueryStrategy


class RandomOrder(QueryStrategy):
    """Every session equally likely. Use it for a first set of labels and to measure; it needs no model."""

    name: ClassVar[str] = "random"

    def rank(self, pool: Pool, wanted: int) -> list[str]:
        return pool.ids("SELECT session_id FROM pool ORDER BY lot LIMIT $wanted", wanted=wanted)
