"""What the tracker needs of visitors it does not remember: the columns the model reads, for many visitors at once."""

from collections.abc import Sequence
from typing import Any

from core.store.frames import read_rows
from core.store.warehouse import Warehouse

STREAM_COLUMNS: tuple[str, ...] = (
    "event_id",
    "occurred_at",
    "received_at",
    "visitor_id",
    "session_id",
    "event_type",
    "event_name",
    "item_id",
    "query",
    "text",
    "category",
    "brand",
    "price",
    "quantity",
    "position",
    "channel",
    "device",
    "country",
)
"""Columns of an event that a stream is made of."""

ITEM_COLUMNS: tuple[str, ...] = ("title", "category", "brand", "price", "image")
"""Columns of an item that the model reads."""

LOOKUPS = 1000
"""Ids looked up by one query: of more, DuckDB reads the table instead of the index (index_scan_max_count)."""

_COLUMNS = ", ".join((*STREAM_COLUMNS, "session_given"))


def visitor_streams(warehouse: Warehouse, visitor_ids: Sequence[str], limit: int) -> dict[str, list[dict[str, Any]]]:
    """The newest `limit` events of each visitor in order, by visitor_id: STREAM_COLUMNS and session_given.

    A visitor without events has an empty list. Sessions not derived yet are None.
    """
    streams: dict[str, list[dict[str, Any]]] = {visitor_id: [] for visitor_id in visitor_ids}
    names = (*STREAM_COLUMNS, "session_given")
    for start in range(0, len(visitor_ids), LOOKUPS):
        part = visitor_ids[start : start + LOOKUPS]
        query = f"SELECT {_COLUMNS} FROM events WHERE visitor_id IN ({', '.join('?' * len(part))})"
        for row in read_rows(warehouse, query, list(part)):
            event = dict(zip(names, row, strict=True))
            streams[event["visitor_id"]].append(event)
    for visitor_id, events in streams.items():
        events.sort(key=lambda event: (event["occurred_at"], event["event_id"]))
        streams[visitor_id] = events[-limit:]
    return streams


def item_records(warehouse: Warehouse, item_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """ITEM_COLUMNS of those items that are known, by item_id."""
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(item_ids), LOOKUPS):
        part = item_ids[start : start + LOOKUPS]
        query = f"SELECT item_id, {', '.join(ITEM_COLUMNS)} FROM items WHERE item_id IN ({', '.join('?' * len(part))})"
        for item_id, *values in read_rows(warehouse, query, list(part)):
            found[item_id] = dict(zip(ITEM_COLUMNS, values, strict=True))
    return found
