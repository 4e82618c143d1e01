"""The models whose view of the sessions is stored, for label queues and suggestions."""

from core.active.options import ScoredModel
from core.intents.resolution import meanings
from core.intents.taxonomy import merged_intents
from core.registry.models import list_models
from core.store.prediction_queries import count_states
from core.store.warehouse import Warehouse


def scored_models(warehouse: Warehouse) -> tuple[ScoredModel, ...]:
    """The champion first, then the others that have scored, newest first; none while the champion has not scored."""
    states = count_states(warehouse)
    records = [record for record in list_models(warehouse) if record.model_id in states and record.intents]
    records.sort(key=lambda record: record.status != "champion")
    if not records or records[0].status != "champion":
        return ()
    merged = merged_intents(warehouse)
    return tuple(
        ScoredModel(
            record.model_id,
            record.intents,
            record.created_at,
            record.folder,
            bool(states[record.model_id]),
            meanings(record.intents, merged),
        )
        for record in records
    )
