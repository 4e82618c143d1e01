"""Labels that nobody can learn from any more: their intent was retired or split since."""

from core.store.frames import read_rows
from core.store.warehouse import Warehouse

OUTDATED_LABELS = """
    SELECT a.target_kind, a.session_id, a.event_id, a.intent
    FROM current_annotations AS a JOIN current_intents AS i ON i.intent_id = a.intent
    ANTI JOIN training_labels AS t ON t.target_kind = a.target_kind AND t.session_id = a.session_id
        AND t.event_id IS NOT DISTINCT FROM a.event_id
    WHERE NOT i.active AND a.status IN ('submitted', 'unsure', 'disputed', 'gold')
"""
"""Those whose session or event nobody has labelled with an intent of today; merged intents count as of today."""


def count_outdated_labels(warehouse: Warehouse) -> dict[str, int]:
    """{intent that is not offered any more: its labels that neither train nor count}, most first."""
    query = f"SELECT intent, count(*) FROM ({OUTDATED_LABELS}) GROUP BY intent ORDER BY count(*) DESC, intent"
    return {intent: int(count) for intent, count in read_rows(warehouse, query)}
