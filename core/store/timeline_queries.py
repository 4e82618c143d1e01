"""A window of a visitor's events, however many there are: about a moment, before or after those at hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.store.event_queries import WITH_ITEMS
from core.store.frames import read_records, read_row, read_value
from core.store.warehouse import Warehouse

Record = dict[str, Any]

INDEXED_EVENTS = 2000
"""Up to so many events a visitor's are read by the index and then cut; of more, the period goes to the scan.

DuckDB reads by an index only where the index's column is all there is to filter by, and no more than 2,048 rows.
"""

_ALL = f"WITH own AS MATERIALIZED ({WITH_ITEMS} WHERE e.visitor_id = $visitor) SELECT * FROM own AS e WHERE"
_PERIOD = f"{WITH_ITEMS} WHERE e.visitor_id = $visitor AND"
_BEFORE = """ e.occurred_at <= $moment AND (e.occurred_at, e.event_id) < ($moment, $event)
    ORDER BY e.occurred_at DESC, e.event_id DESC LIMIT $limit"""
_FROM = """ e.occurred_at >= $moment AND (e.occurred_at, e.event_id) >= ($moment, $event)
    ORDER BY e.occurred_at, e.event_id LIMIT $limit"""
_LATEST = datetime(9999, 1, 1)


@dataclass(frozen=True)
class EventWindow:
    """Events in order, as records by column with their items' (see WITH_ITEMS).

    earlier, later: whether the visitor has events before the first, after the last.
    """

    events: list[Record]
    earlier: bool
    later: bool


def newest_events(warehouse: Warehouse, visitor_id: str, limit: int) -> EventWindow:
    """The visitor's last events."""
    return events_before(warehouse, visitor_id, _LATEST, "", limit)


def events_before(warehouse: Warehouse, visitor_id: str, moment: datetime, event_id: str, limit: int) -> EventWindow:
    """At most `limit` events before the event of this moment and id, the nearest; cut where a session begins."""
    found = _read(warehouse, _BEFORE, visitor_id, moment, event_id, limit + 1)[::-1]
    events = _from_whole_session(found, limit)
    return EventWindow(events, earlier=len(events) < len(found), later=moment < _LATEST)


def events_after(warehouse: Warehouse, visitor_id: str, moment: datetime, event_id: str, limit: int) -> EventWindow:
    """At most `limit` events after the event of this moment and id, the nearest; cut where a session ends."""
    found = _read(warehouse, _FROM, visitor_id, moment, event_id + "\0", limit + 1)
    events = _from_whole_session(found[::-1], limit)[::-1]
    return EventWindow(events, earlier=True, later=len(events) < len(found))


def events_about(warehouse: Warehouse, visitor_id: str, moment: datetime, limit: int) -> EventWindow:
    """About `limit` events, half of them before the moment, as far as there are; whole sessions at both ends."""
    before = events_before(warehouse, visitor_id, moment, "", limit // 2)
    found = _read(warehouse, _FROM, visitor_id, moment, "", limit - len(before.events) + 1)
    after = _from_whole_session(found[::-1], limit - len(before.events))[::-1]
    return EventWindow([*before.events, *after], before.earlier, later=len(after) < len(found))


@dataclass(frozen=True)
class VisitorSummary:
    """What a visitor did in all, over `sessions` sessions; moments in naive UTC."""

    sessions: int
    events: int
    purchases: int
    first_at: datetime
    last_at: datetime


def summarize_visitor(warehouse: Warehouse, visitor_id: str) -> VisitorSummary | None:
    """None for a visitor without events."""
    query = """
        SELECT count(DISTINCT session_id), count(*), count_if(event_type = 'purchase'), min(occurred_at),
            max(occurred_at) FROM events WHERE visitor_id = ?
    """
    row = read_row(warehouse, query, [visitor_id])
    return VisitorSummary(*row) if row and row[1] else None


def moment_of_event(warehouse: Warehouse, visitor_id: str, event_id: str) -> datetime | None:
    """When the visitor's event happened; None where there is no such event."""
    query = "SELECT occurred_at FROM events WHERE event_id = ? AND visitor_id = ?"
    row = read_row(warehouse, query, [event_id, visitor_id])
    return None if row is None else row[0]


def moment_of_session(warehouse: Warehouse, visitor_id: str, session_id: str) -> datetime | None:
    """When the visitor's session began; None where there is no such session."""
    query = "SELECT started_at FROM sessions WHERE session_id = ? AND visitor_id = ?"
    row = read_row(warehouse, query, [session_id, visitor_id])
    return None if row is None else row[0]


def current_labels(warehouse: Warehouse, session_ids: Sequence[str]) -> list[Record]:
    """Everybody's current annotations of these sessions, oldest first, without those skipped or taken back.

    Columns session_id, event_id (None: of the session), intent (None: abstained), annotator, status, note, created_at.
    """
    query = """
        SELECT session_id, event_id, intent, annotator, status, note, created_at FROM current_annotations
        WHERE session_id IN (SELECT unnest(?::VARCHAR[])) AND status NOT IN ('undone', 'skipped') ORDER BY sequence
    """
    return read_records(warehouse, query, [list(session_ids)])


def _read(
    warehouse: Warehouse, query: str, visitor_id: str, moment: datetime, event_id: str, limit: int
) -> list[Record]:
    asked = {"visitor": visitor_id, "moment": moment, "event": event_id, "limit": limit}
    count = read_value(warehouse, "SELECT count(*) FROM events WHERE visitor_id = ?", [visitor_id])
    return read_records(warehouse, (_ALL if count <= INDEXED_EVENTS else _PERIOD) + query, asked)


def _from_whole_session(found: list[Record], limit: int) -> list[Record]:
    """The last `limit` of the events without the session that is cut at their beginning, unless it is all there is."""
    if len(found) <= limit:
        return found
    kept = found[-limit:]
    cut, session_id = found[-limit - 1]["session_id"], kept[0]["session_id"]
    if cut != session_id:
        return kept
    whole = [event for event in kept if event["session_id"] != session_id]
    return whole or kept
