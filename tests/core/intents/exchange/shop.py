"""A small shop with labels of every kind, and what a warehouse says now."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from core.intents.annotations import Annotation, submit_annotations
from core.settings import Settings
from core.store.frames import read_rows
from core.store.ingest_queries import append_events
from core.store.warehouse import Warehouse
from tests.core.store.rows import event, items_table, table

AT = datetime(2026, 5, 4, 12, 0, 0, 250_000)
QUERIES = ('say "hi"', "两行\n文字", "手机, 壳", "=1+1", None)
WORDS = {"note": 'two\nlines, "quoted", 备注', "suggestion": {"value": "search", "score": 0.75, "agent": "model-1"}}


def open_shop(home: Path, *, visitors: int = 5) -> Warehouse:
    """Sessions s0, s1, ... of three events each: s0.0, s0.1, s0.2, ..."""
    warehouse = Warehouse.open(Settings(home=home, sample_shop=False))
    rows = [
        event(0, visitor=f"v{v}", minutes=v * 100 + n, session_id=f"s{v}")
        | {"event_id": f"s{v}.{n}", "query": QUERIES[(v + n) % len(QUERIES)], "item_id": "mug", "price": 9.5}
        for v in range(visitors)
        for n in range(3)
    ]
    append_events(warehouse, table(*rows), items=items_table({"item_id": "mug", "title": "Mug 杯子 😀"}))
    return warehouse


def label(number: int, intent: str | None, session: str, event_id: str | None = None, **more: Any) -> Annotation:
    """The annotation c<number>, made so many seconds after AT."""
    given: dict[str, Any] = {
        "annotator": "mei",
        "created_at": AT + timedelta(seconds=number),
        "status": "submitted" if intent else "skipped",
        "lead_time_ms": 900 + number,
        "guideline_version": 1,
    }
    kind = "session" if event_id is None else "event"
    return Annotation(f"c{number}", f"c{number}", kind, session, event_id, intent, **given | more)


LABELS = (
    label(1, "deal", "s0", **WORDS),
    label(2, "search", "s0", "s0.1", note="杯"),
    label(3, "compare", "s0", "s0.2", annotator="Jonas O'Neil"),
    label(4, "browse", "s0", annotator="Jonas O'Neil", status="gold"),
    label(5, None, "s1"),
    label(6, None, "s1", annotator="Jonas O'Neil", status="submitted"),
    label(7, "support", "s2", status="disputed", lead_time_ms=None, guideline_version=None),
    label(8, "purchase", "s3", "s3.0"),
    label(9, "purchase", "s3", "s3.1", annotator="李雷"),
    label(10, "other", "s4", annotator="李雷"),
)


def open_labelled_shop(home: Path) -> Warehouse:
    warehouse = open_shop(home)
    submit_annotations(warehouse, LABELS)
    return warehouse


def said(warehouse: Warehouse) -> set[tuple[Any, ...]]:
    """Everything that current annotations say, without their place in the journal."""
    query = """
        SELECT client_id, target_kind, session_id, event_id, intent, annotator, created_at, lead_time_ms, status, note,
            suggestion, guideline_version
        FROM current_annotations WHERE status <> 'undone'
    """
    return set(read_rows(warehouse, query))
