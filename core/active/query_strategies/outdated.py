"""Outdated labels: sessions labelled as an intent that is not offered any more."""

from typing import ClassVar

from core.active.options import QueueOptions, ScoredModel
from core.active.pool import Restriction
from core.active.query_strategies.random_order import RandomOrder
from core.store.outdated_queries import OUTDATED_LABELS
from core.store.warehouse import Warehouse

_OUTDATED = f"session_id IN (SELECT session_id FROM ({OUTDATED_LABELS}) WHERE $intent = '' OR intent = $intent)"


class Outdated(RandomOrder):
    """Sessions that carry a label which was retired or split since, their own or an event's, in random order, until
    somebody says which of the intents of today it is. Use it after a split; `intent` restricts it to one."""

    name: ClassVar[str] = "outdated"
    random_share: ClassVar[float] = 0.0
    reviewing: ClassVar[bool] = True

    def restriction(self, warehouse: Warehouse, options: QueueOptions, models: tuple[ScoredModel, ...]) -> Restriction:
        return Restriction(_OUTDATED, (("intent", options.intent),))
