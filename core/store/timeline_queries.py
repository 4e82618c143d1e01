"""A window of the events of some visitors (of one, or of all that are one person), however many there are.

Read as columns, only those that a timeline draws, and only the window (tests/benchmarks/bench_timeline.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from core.store.frames import read_records, read_row, read_rows, read_table
from core.store.identifiers import one_of
from core.store.warehouse import Warehouse

Record = dict[str, Any]

INDEXED_EVENTS = 2000
"""Up to so many of their events are read by the index and then cut; of more, the period goes to the scan.

DuckDB reads by an index only where the index's column is all there is to filter by, and no more than 2,048 rows.
"""
SCANNED_FOR_ONE = 1000
"""A row found by the index costs as much as a scan of so many; a scan is cheaper where they lie that dense."""

_OWN = """event_id, visitor_id, session_id, occurred_at, event_type, event_name, item_id, query, text, category, brand,
    price, currency, quantity, order_id"""

_BY_INDEX = f"SELECT {_OWN} FROM events WHERE {{condition}}"
_BY_SCAN = f"SELECT {_OWN} FROM events WHERE visitor_id = ${{name}}"
"""One visitor each: DuckDB scans for one of several values in eight times the time it takes for one."""

_WINDOW = """
    WITH few AS MATERIALIZED ({few}), own AS NOT MATERIALIZED ({own}), near AS (
        (SELECT true AS is_before, * FROM own
            WHERE occurred_at <= $moment AND (occurred_at, event_id) < ($moment, $event)
            ORDER BY occurred_at DESC, event_id DESC LIMIT $before)
        UNION ALL
        (SELECT false AS is_before, * FROM own
            WHERE occurred_at >= $moment AND (occurred_at, event_id) >= ($moment, $event)
            ORDER BY occurred_at, event_id LIMIT $after)
    )
    SELECT near.* REPLACE (
            coalesce(nullif(near.category, ''), items.category) AS category,
            coalesce(nullif(near.brand, ''), items.brand) AS brand,
            coalesce(near.price, items.price) AS price),
        items.title, items.image
    FROM near LEFT JOIN items USING (item_id) ORDER BY occurred_at, event_id
"""
_LATEST = datetime(9999, 1, 1)


@dataclass(frozen=True)
class EventWindow:
    """Events in order of time.

    Attributes:
        events: columns event_id, visitor_id, session_id, occurred_at, event_type, event_name, item_id, query, text,
            category, brand, price, currency, quantity, order_id, title, image; the item's where an event says nothing.
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
    """At most `limit` events before the event of this moment and id, the nearest; cut where a session begins."""
    found, _ = _read(warehouse, visitor_ids, moment, event_id, before=limit + 1)
    events = _from_whole_session(found, limit)
    return EventWindow(events, earlier=len(events) < len(found), later=moment < _LATEST)


def events_after(
    warehouse: Warehouse, visitor_ids: Sequence[str], moment: datetime, event_id: str, limit: int
) -> EventWindow:
    """At most `limit` events after the event of this moment and id, the nearest; cut where a session ends."""
    _, found = _read(warehouse, visitor_ids, moment, event_id + "\0", after=limit + 1)
    events = _to_whole_session(found, limit)
    return EventWindow(events, earlier=True, later=len(events) < len(found))


def events_about(warehouse: Warehouse, visitor_ids: Sequence[str], moment: datetime, limit: int) -> EventWindow:
    """About `limit` events, half of them before the moment, as far as there are; whole sessions at both ends."""
    half = limit // 2
    found_before, found = _read(warehouse, visitor_ids, moment, "", before=half + 1, after=limit - half + 1)
    before = _from_whole_session(found_before, half)
    wanted = limit - len(before)
    if len(found) > limit - half and wanted > limit - half:  # few lie before: there is room for more after
        found = pa.concat_tables([found, _following(warehouse, visitor_ids, found, wanted + 1 - len(found))])
    after = _to_whole_session(found, wanted)
    return EventWindow(
        pa.concat_tables([before, after]), earlier=len(before) < len(found_before), later=len(after) < len(found)
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
        SELECT session_id, event_id, intent, annotator, status, note, created_at FROM current_annotations
        WHERE session_id IN (SELECT unnest(?::VARCHAR[])) AND status NOT IN ('undone', 'skipped') ORDER BY sequence
    """
    return read_records(warehouse, query, [list(session_ids)])


def _read(
    warehouse: Warehouse,
    visitor_ids: Sequence[str],
    moment: datetime,
    event_id: str,
    before: int = 0,
    after: int = 0,
) -> tuple[pa.Table, pa.Table]:
    """The events nearest to a place in time, up to `before` of those before it and `after` of those from it on."""
    few = _few(warehouse, visitor_ids)
    many = {f"many_{place}": visitor_id for place, visitor_id in enumerate(visitor_ids) if visitor_id not in few}
    condition, given = one_of("visitor_id", few) if few else ("false", {})
    own = [_BY_SCAN.format(name=name) for name in many]
    query = _WINDOW.format(few=_BY_INDEX.format(condition=condition), own=" UNION ALL ".join(["FROM few", *own]))
    asked = given | many | {"moment": moment, "event": event_id, "before": before, "after": after}
    found = read_table(warehouse, query, asked)
    count = found["is_before"].to_pylist().count(True)
    events = found.drop_columns(["is_before"])
    return events.slice(0, count), events.slice(count)


def _few(warehouse: Warehouse, visitor_ids: Sequence[str]) -> list[str]:
    """The visitors whose events are read quicker by the index than by a scan."""
    given = {f"one_{place}": visitor_id for place, visitor_id in enumerate(visitor_ids)}
    counts = " UNION ALL ".join(f"SELECT ${name}, count(*) FROM events WHERE visitor_id = ${name}" for name in given)
    rows = read_rows(warehouse, f"SELECT NULL, count(*) FROM events UNION ALL {counts}", given)
    most = min(INDEXED_EVENTS, dict(rows)[None] // SCANNED_FOR_ONE)
    few, total = [], 0
    for visitor_id, count in sorted(rows, key=lambda row: row[1]):
        total += count
        if visitor_id is not None and total <= most:
            few.append(visitor_id)
    return few


def _following(warehouse: Warehouse, visitor_ids: Sequence[str], events: pa.Table, count: int) -> pa.Table:
    """Up to `count` events after the last of these."""
    last = events.slice(len(events) - 1).select(["occurred_at", "event_id"]).to_pylist()[0]
    return _read(warehouse, visitor_ids, last["occurred_at"], last["event_id"] + "\0", after=count)[1]


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
