"""A window of the events of some visitors (of one, or of all that are one person), however many there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from core.store.frames import read_records, read_row
from core.store.identifiers import one_of
from core.store.nearest_events import Nearest, read_nearest
from core.store.warehouse import Warehouse

Record = dict[str, Any]

LONG_SESSION = 100
"""A window that is cut at its beginning has room for more at its end; so much of that is read at once."""
_LATEST = datetime(9999, 1, 1)


@dataclass(frozen=True)
class EventWindow:
    """Events in order of time.

    Attributes:
        events: columns as nearest_events.Nearest.
        earlier: whether the visitors have events before the first.
        later: whether they have some after the last.
    """

    events: pa.Table
    earlier: bool
    later: bool


def newest_events(warehouse: Warehouse, visitor_ids: Sequence[str], limit: int) -> EventWindow:
    """The visitors' last events."""
    return events_before(warehouse, visitor_ids, _LATEST, "", limit)


def events_before(
    warehouse: Warehouse, visitor_ids: Sequence[str], moment: datetime, event_id: str, limit: int
) -> EventWindow:
    """At most `limit` events before the event of this moment and id, the nearest; cut where a session begins.

    Fewer of them where they lie very far apart, here as below.
    """
    near = read_nearest(warehouse, visitor_ids, moment, event_id, before=limit + 1)
    found = near.before
    events = _from_whole_session(found, _afforded(limit, near))
    return EventWindow(events, earlier=len(events) < len(found), later=moment < _LATEST)


def events_after(
    warehouse: Warehouse, visitor_ids: Sequence[str], moment: datetime, event_id: str, limit: int
) -> EventWindow:
    """At most `limit` events after the event of this moment and id, the nearest; cut where a session ends."""
    near = read_nearest(warehouse, visitor_ids, moment, event_id + "\0", after=limit + 1)
    found = near.after
    events = _to_whole_session(found, _afforded(limit, near))
    return EventWindow(events, earlier=True, later=len(events) < len(found))


def events_about(warehouse: Warehouse, visitor_ids: Sequence[str], moment: datetime, limit: int) -> EventWindow:
    """About `limit` events, half of them before the moment, as far as there are; whole sessions at both ends."""
    half = limit // 2
    after = limit - half + 1 + min(half, LONG_SESSION)
    near = read_nearest(warehouse, visitor_ids, moment, "", before=half + 1, after=after, together=limit + 1)
    limit = _afforded(limit, near)
    half = limit // 2
    before, found = _from_whole_session(near.before, half), near.after
    wanted = limit - len(before)
    if len(found) <= wanted and not near.is_last:  # a long session was cut: there is room for more after
        found = pa.concat_tables([found, _following(warehouse, visitor_ids, found, wanted + 1 - len(found))])
    after_moment = _to_whole_session(found, wanted)
    return EventWindow(
        pa.concat_tables([before, after_moment]),
        earlier=len(before) < len(near.before),
        later=len(after_moment) < len(found),
    )


@dataclass(frozen=True)
class VisitorSummary:
    """What visitors did in all, over `sessions` sessions; moments in naive UTC."""

    sessions: int
    events: int
    purchases: int
    first_at: datetime
    last_at: datetime


def summarize_visitors(warehouse: Warehouse, visitor_ids: Sequence[str]) -> VisitorSummary | None:
    """None for visitors without events."""
    condition, given = one_of("visitor_id", visitor_ids)
    query = f"""
        SELECT count(DISTINCT session_id), count(*), count_if(event_type = 'purchase'), min(occurred_at),
            max(occurred_at) FROM events WHERE {condition}
    """
    row = read_row(warehouse, query, given)
    return VisitorSummary(*row) if row and row[1] else None


def moment_of_event(warehouse: Warehouse, visitor_ids: Sequence[str], event_id: str) -> datetime | None:
    """When the visitors' event happened; None where there is no such event."""
    row = read_row(warehouse, "SELECT occurred_at, visitor_id FROM events WHERE event_id = ?", [event_id])
    return row[0] if row is not None and row[1] in visitor_ids else None


def moment_of_session(warehouse: Warehouse, visitor_ids: Sequence[str], session_id: str) -> datetime | None:
    """When the visitors' session began; None where there is no such session."""
    row = read_row(warehouse, "SELECT started_at, visitor_id FROM sessions WHERE session_id = ?", [session_id])
    return row[0] if row is not None and row[1] in visitor_ids else None


def current_labels(warehouse: Warehouse, session_ids: Sequence[str]) -> list[Record]:
    """Everybody's current annotations of these sessions, oldest first, without those skipped or taken back.

    Columns session_id, event_id (None: of the session), intent (None: abstained), annotator, status, note, created_at.
    """
    query = """
        WITH current AS (
            SELECT * FROM resolved_annotations WHERE session_id IN (SELECT unnest(?::VARCHAR[]))
            QUALIFY row_number() OVER (
                PARTITION BY target_kind, session_id, event_id, annotator ORDER BY sequence DESC) = 1
        )
        SELECT session_id, event_id, intent, annotator, status, note, created_at FROM current
        WHERE status NOT IN ('undone', 'skipped') ORDER BY sequence
    """  # as current_annotations, which would number everybody's before it chooses these
    return read_records(warehouse, query, [list(session_ids)])


def _following(warehouse: Warehouse, visitor_ids: Sequence[str], events: pa.Table, count: int) -> pa.Table:
    """At least `count` events after the last of these, as far as there are."""
    last = events.slice(len(events) - 1).select(["occurred_at", "event_id"]).to_pylist()[0]
    place = last["occurred_at"], last["event_id"] + "\0"
    return read_nearest(warehouse, visitor_ids, *place, after=count, whole=True).after


def _afforded(limit: int, near: Nearest) -> int:
    """The limit for what was read, of which there is one event more."""
    return limit >> near.halvings


def _from_whole_session(found: pa.Table, limit: int) -> pa.Table:
    """The last `limit` of the events without those of the session that is cut at their beginning, up to the first of
    another, unless that is all there is.
    """
    if len(found) <= limit:
        return found
    start = len(found) - limit
    sessions = found["session_id"].slice(start - 1).to_pylist()
    cut = _run(sessions) - 1
    return found.slice(start + (cut if 0 < cut < limit else 0))


def _to_whole_session(found: pa.Table, limit: int) -> pa.Table:
    """The first `limit` of the events, likewise."""
    if len(found) <= limit:
        return found
    sessions = found["session_id"].slice(0, limit + 1).to_pylist()
    cut = _run(sessions[::-1]) - 1
    return found.slice(0, limit - (cut if 0 < cut < limit else 0))


def _run(sessions: Sequence[str | None]) -> int:
    """How many of them equal the first, until another comes."""
    return next((place for place, name in enumerate(sessions) if name != sessions[0]), len(sessions))
