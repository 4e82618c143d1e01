"""The models whose view of the sessions is stored, for label queues and suggestions."""

from datetime import datetime

from core.active.options import ScoredModel
from core.intents.resolution import meanings
from core.intents.taxonomy import merged_intents
from core.registry.models import list_models
from core.store.prediction_queries import count_states
from core.store.warehouse import Warehouse


def scored_models(warehouse: Warehouse) -> tuple[ScoredModel, ...]:
    """The champion first, then the others that have scored, newest first; none while there is no champion.

    While a new champion still scores, the one that served last before it is first: a queue goes on as it was.
    """
    states = count_states(warehouse)
    every = list_models(warehouse)
    records = [record for record in every if record.model_id in states and record.intents]
    if not records or all(record.status != "champion" for record in every):
        return ()
    merged = merged_intents(warehouse)
    served = {record.model_id: record.promoted_at or datetime.min for record in records}
    first = max(records, key=lambda record: (record.status == "champion", served[record.model_id]))
    records.sort(key=lambda record: record.model_id != first.model_id)
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
