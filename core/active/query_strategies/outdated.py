"""Outdated labels: sessions labelled as an intent that is not offered any more."""

from typing import ClassVar

from core.active.options import QueueOptions, ScoredModel
from core.active.pool import Restriction
from core.active.query_strategies.random_order import RandomOrder
from core.store.warehouse import Warehouse

_OUTDATED = """
    session_id IN (
        SELECT a.session_id FROM current_annotations AS a JOIN current_intents AS i ON i.intent_id = a.intent
        ANTI JOIN training_labels AS t ON t.target_kind = a.target_kind AND t.session_id = a.session_id
            AND t.event_id IS NOT DISTINCT FROM a.event_id
        WHERE NOT i.active AND a.status IN ('submitted', 'unsure', 'disputed', 'gold')
            AND ($intent = '' OR a.intent = $intent))
"""
"""Where nobody has labelled the same session or event with an intent of today."""


class Outdated(RandomOrder):
    """Sessions that carry a label which was retired or split since, their own or an event's, in random order, until
    somebody says which of the intents of today it is. Use it after a split; `intent` restricts it to one."""

    name: ClassVar[str] = "outdated"
    random_share: ClassVar[float] = 0.0
    reviewing: ClassVar[bool] = True

    def restriction(self, warehouse: Warehouse, options: QueueOptions, models: tuple[ScoredModel, ...]) -> Restriction:
        return Restriction(_OUTDATED, (("intent", options.intent),))
