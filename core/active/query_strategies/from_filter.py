"""Sessions that a filter of the Sessions page lets through."""

from typing import ClassVar

from core.active.options import QueueOptions, ScoredModel
from core.active.pool import Restriction
from core.active.query_strategies.random_order import RandomOrder
from core.errors import InvalidQueueError
from core.store.session_queries import filtered_sessions
from core.store.warehouse import Warehouse


class FromFilter(RandomOrder):
    """The sessions of a filter in random order. Use it to look for a kind of session you can describe."""

    name: ClassVar[str] = "filter"
    random_share: ClassVar[float] = 0.0

    def restriction(self, warehouse: Warehouse, options: QueueOptions, models: tuple[ScoredModel, ...]) -> Restriction:
        if options.filter is None:
            raise InvalidQueueError("The queue 'filter' has no filter, expected one; set it under Options.")
        query, parameters = filtered_sessions(options.filter)
        return Restriction(f"session_id IN ({query})", tuple(parameters.items()))
