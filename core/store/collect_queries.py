"""Storing what trackers send: as `ingest_queries` does, for many small requests in one commit.

`INSERT … ON CONFLICT` joins with the whole table, so its price grows with every event ever stored: 2,000 events cost
150 ms of CPU at 5 million stored, whether they conflict or not. A look into the primary key's index for each id and a
plain insert of the new ones cost a third of that (tests/benchmarks/bench_collect.py).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa

from core.events.schema import EVENT_COLUMNS, EVENT_SCHEMA
from core.store.ingest_queries import insert_items_of_events, insert_rejected, merge_items, stored_items
from core.store.known_items import KnownItems
from core.store.person_queries import Link, add_links
from core.store.session_queue import queue_sessions
from core.store.warehouse import Ended, Warehouse

LOOKUPS = 2000
"""Ids looked up by one query: of more, DuckDB reads the table instead of the index (index_scan_max_count)."""

FEW = 16
"""Up to so many rows are cheaper as parameters than as a table of Arrow's."""

_ASKED = (*range(1, FEW + 1), 32, 64, 125, 250, 500, 1000, LOOKUPS)
"""Ids a lookup has, the last repeated: of few sizes, so that each is read once, which is half of its price."""

MOST_ASKED = 1000
"""Up to so many items are asked for, to be remembered; of more, the statements find out what is new."""

_COLUMNS = ", ".join(EVENT_COLUMNS)
_SESSION = EVENT_COLUMNS.index("session_id")
_STATEMENTS: dict[str, duckdb.Statement] = {}
_INSERT = f"INSERT INTO events ({_COLUMNS}, session_given) SELECT {_COLUMNS}, session_id IS NOT NULL FROM event_rows"


OnStoring = Callable[[frozenset[str]], Ended]
"""Told the event_ids that are new before they are kept; what it returns is told whether they were."""


@dataclass(frozen=True)
class Arrival:
    """What trackers sent, ready to be stored. `arrival_of` makes it.

    events: EVENT_SCHEMA, each event_id once; items: ITEM_SCHEMA; at: when it was cleaned, naive UTC.
    """

    events: pa.Table
    rejected: pa.Table
    items: pa.Table
    links: tuple[Link, ...]
    at: datetime


def arrival_of(
    warehouse: Warehouse, events: pa.Table, *, rejected: pa.Table, items: pa.Table, links: Iterable[Link] = ()
) -> Arrival:
    """Events, refused messages, items and links as they are cleaned.

    Args:
        events: EVENT_SCHEMA; the first of several with one id counts. rejected: as for `submit_events`; items:
            ITEM_SCHEMA; links: see `person_queries`.
    """
    return Arrival(first_copies(_in_schema(events)), rejected, items, tuple(links), warehouse.clock())


def submit_collected(
    warehouse: Warehouse,
    events: pa.Table,
    *,
    rejected: pa.Table,
    items: pa.Table,
    links: Iterable[Link] = (),
    on_storing: OnStoring | None = None,
) -> "Future[frozenset[str]]":
    """Queue what `arrival_of` takes; the future resolves to the event_ids that were new, once on disk.

    Sessions follow soon after (`core.store.session_queue`).
    """
    arrival = arrival_of(warehouse, events, rejected=rejected, items=items, links=links)
    return warehouse.submit(lambda cursor: store_arrival(warehouse, cursor, arrival, on_storing))


def store_arrival(
    warehouse: Warehouse, cursor: duckdb.DuckDBPyConnection, arrival: Arrival, on_storing: OnStoring | None = None
) -> frozenset[str]:
    """Called within a change: as `submit_collected`."""
    ids = arrival.events["event_id"].to_pylist()
    told = arrival.items.to_pylist()
    stored = stored_events(cursor, ids)
    added = frozenset(ids) - stored
    if on_storing is not None:
        warehouse.when_ended(on_storing(added))
    new = arrival.events
    if stored:
        new = new.filter(pa.array([event_id not in stored for event_id in ids]))
    if len(new):
        _insert(cursor, new)
        _queue_sessions(warehouse, cursor, new)
    add_links(cursor, arrival.links)
    if len(new) or told:
        _learn_items(warehouse.known_items, cursor, new, arrival.items, told)
    if len(arrival.rejected):
        insert_rejected(cursor, arrival.rejected, None, arrival.at)
    return added


def _in_schema(events: pa.Table) -> pa.Table:
    return events if events.schema.equals(EVENT_SCHEMA) else events.select(list(EVENT_COLUMNS)).cast(EVENT_SCHEMA)


def _insert(cursor: duckdb.DuckDBPyConnection, new: pa.Table) -> None:
    """A few rows as parameters, for to read a table of Arrow's costs as much as to insert ten of them."""
    if len(new) > FEW:
        cursor.register("event_rows", new)
        cursor.execute(_INSERT).fetchall()
        cursor.unregister("event_rows")
        return
    columns = [column.to_pylist() for column in new.columns]
    given = [session_id is not None for session_id in columns[_SESSION]]
    values = [value for row in zip(*columns, given, strict=True) for value in row]
    cursor.execute(_read_once(cursor, _insert_few(len(new))), values).fetchall()


@cache
def _insert_few(rows: int) -> str:
    row = f"({', '.join('?' * (len(EVENT_COLUMNS) + 1))})"
    return f"INSERT INTO events ({_COLUMNS}, session_given) VALUES {', '.join([row] * rows)}"


def _queue_sessions(warehouse: Warehouse, cursor: duckdb.DuckDBPyConnection, new: pa.Table) -> None:
    visitors, sessions = new["visitor_id"].to_pylist(), new["session_id"].to_pylist()
    given = {visitor: None for visitor, session in zip(visitors, sessions, strict=True) if session is not None}
    queue_sessions(warehouse, cursor, list(dict.fromkeys(visitors)), list(given))


def _learn_items(
    known: KnownItems,
    cursor: duckdb.DuckDBPyConnection,
    new: pa.Table,
    items: pa.Table,
    told: Sequence[Mapping[str, Any]],
) -> None:
    """Store items that are new and what is told of known ones, where it is not known to be stored already."""
    of_events = {item_id for item_id in new["item_id"].to_pylist() if item_id is not None}
    doubtful = {*known.unknown_among(of_events), *known.unremembered_among(row["item_id"] for row in told)}
    if 0 < len(doubtful) <= MOST_ASKED:
        known.remember(stored_items(cursor, sorted(doubtful)))
    if not known.has_all(of_events):
        insert_items_of_events(cursor, new)
        known.add(of_events)
    news = known.news_of(told)
    if news:
        merge_items(cursor, items.take(pa.array(news)))
        changed = [told[place]["item_id"] for place in news]
        if len(changed) <= MOST_ASKED:
            known.remember(stored_items(cursor, changed))
        else:
            known.drop(changed)


def first_copies(events: pa.Table) -> pa.Table:
    """Without the events whose id an earlier one has."""
    ids = events["event_id"].to_pylist()
    if len(set(ids)) == len(ids):
        return events
    first = {event_id: place for place, event_id in reversed(list(enumerate(ids)))}
    return events.take(pa.array(sorted(first.values())))


def stored_events(cursor: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> frozenset[str]:
    """Those of the event_ids that the table has."""
    found: list[str] = []
    for start in range(0, len(ids), LOOKUPS):
        part = list(ids[start : start + LOOKUPS])
        asked = next(size for size in _ASKED if size >= len(part))
        query = _read_once(cursor, _lookup(asked))
        part += part[-1:] * (asked - len(part))
        found.extend(event_id for (event_id,) in cursor.execute(query, part).fetchall())
    return frozenset(found)


@cache
def _lookup(ids: int) -> str:
    return f"SELECT event_id FROM events WHERE event_id IN ({', '.join('?' * ids)})"


def _read_once(cursor: duckdb.DuckDBPyConnection, query: str) -> duckdb.Statement:
    """A statement that need not be read again, which is up to a fifth of what a short one costs; of no connection."""
    statement = _STATEMENTS.get(query)
    if statement is None:
        statement = _STATEMENTS[query] = cursor.extract_statements(query)[0]
    return statement
