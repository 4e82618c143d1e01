"""Writing events: rows, rejected rows and learned items in one transaction, and the sessions they touch."""

import uuid
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from core.events.schema import EVENT_COLUMNS, EVENT_SCHEMA, ITEM_COLUMNS, ITEM_SCHEMA
from core.store.later import DeferredWork
from core.store.session_derivation import derive_sessions
from core.store.warehouse import Warehouse

_COLUMNS = ", ".join(EVENT_COLUMNS)

_INSERT_EVENTS = f"""
    INSERT INTO events ({_COLUMNS}, session_given, import_id)
    SELECT {_COLUMNS}, session_id IS NOT NULL, ? FROM {{source}} ON CONFLICT DO NOTHING
"""
_FIRST_COPIES = """(
    SELECT * FROM event_rows QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY received_at) = 1
)"""

_INSERT_REJECTED = """
    INSERT INTO rejected_events
    SELECT uuid()::VARCHAR, ?, source, row_number, reason, field, value, raw, ? FROM rejected_rows
"""

_UPDATE_ITEMS = """
    UPDATE items SET
        title = coalesce(n.title, items.title), description = coalesce(n.description, items.description),
        category = coalesce(n.category, items.category), brand = coalesce(n.brand, items.brand),
        price = coalesce(n.price, items.price), currency = coalesce(n.currency, items.currency),
        image = coalesce(n.image, items.image), updated_at = greatest(n.updated_at, items.updated_at)
    FROM {newest} AS n
    WHERE items.item_id = n.item_id
        AND (items.updated_at IS NULL OR n.updated_at >= items.updated_at OR items.title IS NULL)
"""

_NEWEST_ITEMS = """
    CREATE OR REPLACE TEMP TABLE newest_items AS
    SELECT item_id, arg_max(title, at_time) AS title, arg_max(description, at_time) AS description,
        arg_max(category, at_time) AS category, arg_max(brand, at_time) AS brand, arg_max(price, at_time) AS price,
        arg_max(currency, at_time) AS currency, arg_max(image, at_time) AS image, max(updated_at) AS updated_at
    FROM (SELECT *, coalesce(updated_at, TIMESTAMP '1970-01-01') AS at_time FROM item_rows) GROUP BY item_id
"""

_ITEMS_OF_EVENTS = """
    INSERT INTO items
    SELECT item_id, NULL, NULL, arg_max(category, occurred_at), arg_max(brand, occurred_at),
        arg_max(price, occurred_at), arg_max(currency, occurred_at), NULL, max(occurred_at)
    FROM event_rows WHERE item_id IS NOT NULL AND item_id NOT IN (SELECT item_id FROM items)
    GROUP BY item_id
"""


@dataclass(frozen=True)
class AppendCount:
    """How many events of a batch were new, and how many were there already or twice in the batch."""

    added: int
    duplicates: int


def submit_events(
    warehouse: Warehouse,
    events: pa.Table,
    *,
    rejected: pa.Table | None = None,
    items: pa.Table | None = None,
    import_id: str | None = None,
    rebuild_sessions: bool = True,
) -> "Future[AppendCount]":
    """Queue a batch; the future resolves when all of it is on disk.

    Args:
        events: EVENT_SCHEMA; an event_id seen before is a duplicate and not added again.
        rejected: columns row_number, reason, field, value, raw, and source where known.
        items: ITEM_SCHEMA; the newest non-null value of each column wins.
        import_id: the import the batch belongs to.
        rebuild_sessions: derive the sessions of its visitors in the same transaction, once for all batches in that.
    """
    events = events.select(list(EVENT_COLUMNS)).cast(EVENT_SCHEMA)
    derive = _deriver(warehouse.settings.inactivity_gap_minutes)
    now = warehouse.clock()

    def change(cursor: duckdb.DuckDBPyConnection) -> AppendCount:
        added = _insert_events(cursor, events, import_id) if len(events) else 0
        if items is not None and len(items):
            merge_items(cursor, items)
        if rejected is not None and len(rejected):
            insert_rejected(cursor, rejected, import_id, now)
        if added:
            warehouse.changed("visitors", pc.unique(events["visitor_id"]).to_pylist())
            warehouse.changed("items", pc.unique(events["item_id"]).drop_null().to_pylist())
        if items is not None:
            warehouse.changed("items", items["item_id"].to_pylist())
        if rebuild_sessions and added:
            warehouse.defer(derive, pc.unique(events["visitor_id"]).to_pylist())
        return AppendCount(added, len(events) - added)

    return warehouse.submit(change)


def append_events(
    warehouse: Warehouse,
    events: pa.Table,
    *,
    rejected: pa.Table | None = None,
    items: pa.Table | None = None,
    import_id: str | None = None,
    rebuild_sessions: bool = True,
) -> AppendCount:
    """As submit_events, and wait until the batch is on disk."""
    return submit_events(
        warehouse, events, rejected=rejected, items=items, import_id=import_id, rebuild_sessions=rebuild_sessions
    ).result()


def rebuild_sessions(warehouse: Warehouse, visitor_ids: Sequence[str] | None = None) -> int:
    """Derive the sessions of these visitors, or of all; returns how many sessions were summarised."""
    gap = warehouse.settings.inactivity_gap_minutes
    return warehouse.write(lambda cursor: derive_sessions(cursor, gap, visitor_ids))


@cache
def _deriver(gap: int) -> DeferredWork:
    """Deriving sessions by this gap, always the same object, so that a group of batches derives once."""
    return lambda cursor, visitor_ids: derive_sessions(cursor, gap, visitor_ids)


def _insert_events(cursor: duckdb.DuckDBPyConnection, events: pa.Table, import_id: str | None) -> int:
    has_copies = pc.count_distinct(events["event_id"]).as_py() < len(events)
    insert = _INSERT_EVENTS.format(source=_FIRST_COPIES if has_copies else "event_rows")
    cursor.register("event_rows", events)
    try:
        added = cursor.execute(insert, [import_id]).fetchall()[0][0]
        cursor.execute(_ITEMS_OF_EVENTS).fetchall()
    finally:
        cursor.unregister("event_rows")
    return int(added)


def insert_items_of_events(cursor: duckdb.DuckDBPyConnection, events: pa.Table) -> None:
    """Add the items of EVENT_SCHEMA rows that are not known yet, with what the rows tell of them."""
    cursor.register("event_rows", events)
    cursor.execute(_ITEMS_OF_EVENTS).fetchall()
    cursor.unregister("event_rows")


def stored_items(cursor: duckdb.DuckDBPyConnection, item_ids: Sequence[str]) -> list[dict[str, Any]]:
    """The rows of these items by ITEM_COLUMNS, as this transaction sees them."""
    query = f"SELECT {', '.join(ITEM_COLUMNS)} FROM items WHERE item_id IN ({', '.join('?' * len(item_ids))})"
    rows = cursor.execute(query, list(item_ids)).fetchall()
    return [dict(zip(ITEM_COLUMNS, row, strict=True)) for row in rows]


def merge_items(cursor: duckdb.DuckDBPyConnection, items: pa.Table) -> None:
    """Learn from ITEM_SCHEMA rows: the newest non-null value of each column wins."""
    cursor.register("item_rows", items.select(ITEM_SCHEMA.names).cast(ITEM_SCHEMA))
    has_copies = pc.count_distinct(items["item_id"]).as_py() < len(items)
    newest = "newest_items" if has_copies else "item_rows"
    if has_copies:
        cursor.execute(_NEWEST_ITEMS).fetchall()
    cursor.execute(_UPDATE_ITEMS.format(newest=newest)).fetchall()
    cursor.execute(f"INSERT INTO items FROM {newest} WHERE item_id NOT IN (SELECT item_id FROM items)").fetchall()
    if has_copies:
        cursor.execute("DROP TABLE newest_items").fetchall()
    cursor.unregister("item_rows")


def insert_rejected(cursor: duckdb.DuckDBPyConnection, rejected: pa.Table, import_id: str | None, now: object) -> None:
    """Keep rejected rows with their reason."""
    if "source" not in rejected.column_names:
        rejected = rejected.append_column("source", pa.nulls(len(rejected), pa.string()))
    cursor.register("rejected_rows", rejected)
    cursor.execute(_INSERT_REJECTED, [import_id, now]).fetchall()
    cursor.unregister("rejected_rows")


def new_id(prefix: str) -> str:
    """A short unique id such as `import-1f3a…`."""
    return f"{prefix}-{uuid.uuid4().hex[:12]}"
