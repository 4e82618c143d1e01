"""What a model reads of visitors: the columns it knows, for the tracker many visitors at once, or a window of a few."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from core.store.frames import read_rows, read_table
from core.store.identifiers import one_of
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


def stream_window(
    warehouse: Warehouse, visitor_ids: Sequence[str], start: datetime, end: datetime, limit: int
) -> pa.Table:
    """The visitors' events from `start` (inclusive) to `end` (exclusive), the newest `limit` of them, in order.

    Columns: STREAM_COLUMNS, and those of ITEM_COLUMNS as item_title, item_price and so on.
    """
    condition, given = one_of("visitor_id", visitor_ids)
    where = f"e.{condition} AND occurred_at >= $start AND occurred_at < $end"
    return read_table(warehouse, _newest(where), given | {"start": start, "end": end, "limit": limit})


def stream_before(warehouse: Warehouse, visitor_id: str, occurred_at: datetime, event_id: str, limit: int) -> pa.Table:
    """The visitor's last `limit` events before the event of this moment and id, in order; columns as stream_window."""
    where = "visitor_id = $visitor AND (occurred_at < $at OR (occurred_at = $at AND event_id < $event))"
    given = {"visitor": visitor_id, "at": occurred_at, "event": event_id, "limit": limit}
    return read_table(warehouse, _newest(where), given)


def item_records(warehouse: Warehouse, item_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """ITEM_COLUMNS of those items that are known, by item_id."""
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(item_ids), LOOKUPS):
        part = item_ids[start : start + LOOKUPS]
        query = f"SELECT item_id, {', '.join(ITEM_COLUMNS)} FROM items WHERE item_id IN ({', '.join('?' * len(part))})"
        for item_id, *values in read_rows(warehouse, query, list(part)):
            found[item_id] = dict(zip(ITEM_COLUMNS, values, strict=True))
    return found


def _newest(where: str) -> str:
    return f"""
        SELECT * FROM (
            SELECT {", ".join(f"e.{name}" for name in STREAM_COLUMNS)},
                {", ".join(f"i.{name} AS item_{name}" for name in ITEM_COLUMNS)}
            FROM events AS e LEFT JOIN items AS i USING (item_id) WHERE {where}
            ORDER BY occurred_at DESC, event_id DESC LIMIT $limit)
        ORDER BY occurred_at, event_id
    """
