"""What an edit of the taxonomy touches: labels, sessions, annotators, rules and models that name an intent."""

from dataclasses import dataclass

from core.store.frames import read_row, read_rows
from core.store.warehouse import Warehouse


@dataclass(frozen=True)
class Touched:
    """What hangs on an intent now, with what was merged into it.

    labels: current annotations; sessions: that carry one; rules: names of those that vote for it; models: ids of those
    that know it, the serving one first; serving: whether that one does.
    """

    labels: int
    sessions: int
    annotators: int
    rules: tuple[str, ...]
    models: tuple[str, ...]
    serving: bool


def touched_by(warehouse: Warehouse, intent: str) -> Touched:
    """What an edit of this intent touches."""
    counted = read_row(
        warehouse,
        """
        SELECT count(*), count(DISTINCT session_id), count(DISTINCT annotator) FROM current_annotations
        WHERE intent = ? AND status <> 'undone'
        """,
        [intent],
    )
    rules = read_rows(
        warehouse,
        """
        SELECT name FROM current_labeling_functions LEFT JOIN merged_intents ON intent_id = intent
        WHERE NOT deleted AND coalesce(stands_for, intent) = ? ORDER BY name
        """,
        [intent],
    )
    models = read_rows(
        warehouse,
        """
        SELECT DISTINCT model_id, status = 'champion' AS serves, created_at
        FROM model_intents JOIN models USING (model_id) WHERE intent = ? ORDER BY serves DESC, created_at DESC
        """,
        [intent],
    )
    labels, sessions, annotators = counted or (0, 0, 0)
    return Touched(
        labels,
        sessions,
        annotators,
        tuple(name for (name,) in rules),
        tuple(model_id for model_id, *_ in models),
        any(serves for _, serves, _ in models),
    )


def merges(warehouse: Warehouse) -> dict[str, str]:
    """{merged intent: the intent its labels and probabilities count as}; empty where none is merged."""
    return dict(read_rows(warehouse, "SELECT intent_id, stands_for FROM merged_intents"))


def label_counts(warehouse: Warehouse) -> dict[str, tuple[int, int]]:
    """{intent: (current labels, sessions that carry one)}; merged intents count as what they were merged into."""
    query = """
        SELECT intent, count(*), count(DISTINCT session_id) FROM current_annotations
        WHERE intent IS NOT NULL AND status <> 'undone' GROUP BY intent
    """
    return {intent: (labels, sessions) for intent, labels, sessions in read_rows(warehouse, query)}


def given_counts(warehouse: Warehouse) -> dict[str, int]:
    """{intent: current labels that were given with it}, whatever they count as now."""
    query = """
        SELECT given_intent, count(*) FROM current_annotations
        WHERE given_intent IS NOT NULL AND status <> 'undone' GROUP BY given_intent
    """
    return dict(read_rows(warehouse, query))
