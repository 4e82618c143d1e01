"""Small tables of events for the store's tests."""

from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from core.events.schema import EVENT_SCHEMA, ITEM_SCHEMA

START = datetime(2026, 5, 4, 10, 0)


def event(number: int, *, visitor: str = "v1", minutes: float = 0.0, **more: Any) -> dict[str, Any]:
    """One view, `minutes` after START."""
    at = START + timedelta(minutes=minutes)
    return {
        "event_id": f"e{number}",
        "occurred_at": at,
        "received_at": at,
        "visitor_id": visitor,
        "event_type": "view",
    } | more


def table(*events: dict[str, Any]) -> pa.Table:
    """EVENT_SCHEMA."""
    return pa.Table.from_pylist(list(events), schema=EVENT_SCHEMA)


def items_table(*items: dict[str, Any]) -> pa.Table:
    """ITEM_SCHEMA."""
    return pa.Table.from_pylist(list(items), schema=ITEM_SCHEMA)
