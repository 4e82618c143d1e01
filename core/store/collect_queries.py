"""Storing what trackers send: as `ingest_queries` does, for many small requests in one commit.

`INSERT … ON CONFLICT` joins with the whole table, so its price grows with every event ever stored: 2,000 events cost
150 ms of CPU at 5 million stored, whether they conflict or not. A look into the primary key's index for each id and a
plain insert of the new ones cost a third of that (tests/benchmarks/bench_collect.py).
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import Future

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from core.events.schema import EVENT_COLUMNS, EVENT_SCHEMA
from core.store.ingest_queries import ITEMS_OF_EVENTS, insert_rejected, merge_items
from core.store.person_queries import Link, add_links
from core.store.session_queue import queue_sessions
from core.store.warehouse import Warehouse

LOOKUPS = 2000
"""Ids looked up by one query: of more, DuckDB reads the table instead of the index (index_scan_max_count)."""

MOST_KNOWN_ITEMS = 200_000
"""Item ids remembered as stored (some 20 MB); then the memory begins anew."""

_COLUMNS = ", ".join(EVENT_COLUMNS)
_INSERT = f"INSERT INTO events ({_COLUMNS}, session_given) SELECT {_COLUMNS}, session_id IS NOT NULL FROM event_rows"


def submit_collected(
    warehouse: Warehouse, events: pa.Table, *, rejected: pa.Table, items: pa.Table, links: Iterable[Link] = ()
) -> "Future[frozenset[str]]":
    """Queue events, refused messages and items; the future resolves to the event_ids that were new, once on disk.

    The first of several events with one id is kept. Sessions follow soon after (`core.store.session_queue`).

    Args:
        events: EVENT_SCHEMA; rejected: as for `submit_events`; items: ITEM_SCHEMA; links: see `person_queries`.
    """
    events = first_copies(events.select(list(EVENT_COLUMNS)).cast(EVENT_SCHEMA))
    ids = events["event_id"].to_pylist()
    item_ids = pc.unique(events["item_id"]).drop_null().to_pylist()
    now = warehouse.clock()

    def change(cursor: duckdb.DuckDBPyConnection) -> frozenset[str]:
        stored = _stored(cursor, ids)
        new = events if not stored else events.filter(pa.array([event_id not in stored for event_id in ids]))
        if len(new):
            cursor.register("event_rows", new)
            cursor.execute(_INSERT).fetchall()
            if not warehouse.known_items.issuperset(item_ids):
                cursor.execute(ITEMS_OF_EVENTS).fetchall()
            cursor.unregister("event_rows")
            queue_sessions(warehouse, cursor, pc.unique(new["visitor_id"]).to_pylist())
        add_links(cursor, links)
        if len(items):
            merge_items(cursor, items)
        if len(rejected):
            insert_rejected(cursor, rejected, None, now)
        return frozenset(ids) - stored

    future = warehouse.submit(change)
    future.add_done_callback(lambda done: _remember(warehouse, item_ids, done))
    return future


def _remember(warehouse: Warehouse, item_ids: Sequence[str], done: "Future[frozenset[str]]") -> None:
    """If their rows are on disk, the next events of these items need not look for them."""
    if done.exception() is not None:
        return
    if len(warehouse.known_items) + len(item_ids) > MOST_KNOWN_ITEMS:
        warehouse.known_items.clear()
    warehouse.known_items.update(item_ids)


def first_copies(events: pa.Table) -> pa.Table:
    """Without the events whose id an earlier one has."""
    ids = events["event_id"].to_pylist()
    if len(set(ids)) == len(ids):
        return events
    first = {event_id: place for place, event_id in reversed(list(enumerate(ids)))}
    return events.take(pa.array(sorted(first.values())))


def _stored(cursor: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> frozenset[str]:
    """Those of the ids that the table has."""
    found: list[str] = []
    for start in range(0, len(ids), LOOKUPS):
        part = ids[start : start + LOOKUPS]
        query = f"SELECT event_id FROM events WHERE event_id IN ({', '.join('?' * len(part))})"
        found.extend(event_id for (event_id,) in cursor.execute(query, list(part)).fetchall())
    return frozenset(found)
