"""Stored events to play again, what earlier replays left, and how to be rid of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from core.events.schema import EVENT_COLUMNS
from core.store.frames import read_records, read_row
from core.store.session_queue import settle_sessions
from core.store.warehouse import Warehouse

REPLAY_SOURCE = "replay"
"""The `source` of a replayed event."""

REPLAYED_SESSIONS = f"SELECT session_id FROM events WHERE source = '{REPLAY_SOURCE}' AND session_id IS NOT NULL"
"""A query of the sessions that no model learns from and no queue hands out."""

CHUNK = 5000
"""Events read at once."""

_COLUMNS = ", ".join(name for name in EVENT_COLUMNS if name != "session_id")
_CHOSEN = f"""
    FROM events WHERE source IS DISTINCT FROM '{REPLAY_SOURCE}' AND ($import IS NULL OR import_id = $import)
        AND ($start IS NULL OR occurred_at >= $start) AND ($end IS NULL OR occurred_at < $end)"""

_REPLAYED = f"""
    CREATE OR REPLACE TEMP TABLE replayed AS
    SELECT DISTINCT visitor_id, session_id FROM events WHERE source = '{REPLAY_SOURCE}'"""
_OF_SESSIONS = (
    "predictions",
    "session_states",
    "sessions",
    "annotations",
    "leases",
    "weak_labels",
)
_OF_VISITORS = ("pending_sessions", "person_links")


@dataclass(frozen=True)
class Span:
    """How many events there are to play, from the first to the last (naive UTC); None of none."""

    events: int
    first_at: datetime | None
    last_at: datetime | None


@dataclass(frozen=True)
class Replayed:
    """What replays left in the warehouse; `labeled` are sessions that somebody labelled since."""

    events: int = 0
    visitors: int = 0
    sessions: int = 0
    labeled: int = 0


def stored_span(warehouse: Warehouse, import_id: str | None, start: datetime | None, end: datetime | None) -> Span:
    """The stored events of an import, or of all, from `start` (inclusive) to `end`; replayed ones are none of them."""
    given = {"import": import_id, "start": start, "end": end}
    row = read_row(warehouse, f"SELECT count(*), min(occurred_at), max(occurred_at) {_CHOSEN}", given)
    return Span(0, None, None) if row is None else Span(*row)


def stored_chunks(
    warehouse: Warehouse, import_id: str | None, start: datetime | None, end: datetime | None
) -> Iterator[list[dict[str, Any]]]:
    """The same events by EVENT_COLUMNS in order, CHUNK at a time; a derived session_id is left out."""
    query = f"""
        SELECT {_COLUMNS}, CASE WHEN session_given THEN session_id END AS session_id {_CHOSEN}
            AND ($after IS NULL OR (occurred_at, event_id) > ($after, $after_id))
        ORDER BY occurred_at, event_id LIMIT {CHUNK}"""
    after: datetime | None = None
    after_id = ""
    while True:
        given = {"import": import_id, "start": start, "end": end, "after": after, "after_id": after_id}
        chunk = read_records(warehouse, query, given)
        if not chunk:
            return
        yield chunk
        after, after_id = chunk[-1]["occurred_at"], chunk[-1]["event_id"]


def replayed(warehouse: Warehouse) -> Replayed:
    """What replays left."""
    query = f"""
        WITH chosen AS (SELECT visitor_id, session_id FROM events WHERE source = '{REPLAY_SOURCE}')
        SELECT count(*), count(DISTINCT visitor_id), count(DISTINCT session_id), (
            SELECT count(DISTINCT session_id) FROM current_annotations
            WHERE status <> 'undone' AND session_id IN (SELECT session_id FROM chosen)) FROM chosen"""
    row = read_row(warehouse, query)
    return Replayed() if row is None else Replayed(*row)


def remove_replayed(warehouse: Warehouse) -> int:
    """Remove every replayed event, with its sessions, predictions, labels, links and refusals, in one change.

    Items that only a replay made known stay: what they are is true whoever looked at them.

    Returns:
        How many events there were.

    Raises:
        WarehouseWriteError: the disk refused; nothing is removed then.
    """
    settle_sessions(warehouse)

    def change(cursor: duckdb.DuckDBPyConnection) -> int:
        cursor.execute(_REPLAYED).fetchall()
        visitors = cursor.execute("SELECT DISTINCT visitor_id FROM replayed").fetchall()
        for table in _OF_SESSIONS:
            cursor.execute(f"DELETE FROM {table} WHERE session_id IN (SELECT session_id FROM replayed)").fetchall()
        for table in _OF_VISITORS:
            cursor.execute(f"DELETE FROM {table} WHERE visitor_id IN (SELECT visitor_id FROM replayed)").fetchall()
        cursor.execute(f"DELETE FROM rejected_events WHERE source = '{REPLAY_SOURCE}'").fetchall()
        removed = cursor.execute(f"DELETE FROM events WHERE source = '{REPLAY_SOURCE}'").fetchall()[0][0]
        cursor.execute("DROP TABLE replayed").fetchall()
        warehouse.changed("visitors", {visitor_id for (visitor_id,) in visitors})
        return int(removed)

    return warehouse.write(change)
