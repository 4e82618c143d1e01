"""How far an annotator is, as the labeler shows it."""

from app.views.visitor_records import plain_rows
from core.intents.annotations import label_progress
from core.store.warehouse import Warehouse


def progress_by_intent(warehouse: Warehouse, annotator: str) -> dict[str, dict[str, int]]:
    """Labelled sessions and events of this annotator by intent."""
    rows = plain_rows(label_progress(warehouse, annotator))
    return {row["intent"]: {"sessions": int(row["sessions"]), "events": int(row["events"])} for row in rows}
