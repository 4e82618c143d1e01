"""A window of a visitor's events as the timeline's browser reads it: columns, not records, and only those in use."""

from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from app.api.messages import TimelineQuestion
from app.views.label_card import with_cart
from app.views.visitor_records import epoch_ms, records_of_rows
from core.store.timeline_queries import (
    EventWindow,
    current_labels,
    events_about,
    events_after,
    events_before,
    moment_of_event,
    moment_of_session,
    newest_events,
)
from core.store.warehouse import Warehouse

_LEFT_OUT = ("cart", "cart_changed")
_UNUSED = ("position", "device", "channel", "country")


def timeline_window(warehouse: Warehouse, question: TimelineQuestion) -> dict[str, Any]:
    """The body of the answer: `events` (columns by name), `annotations`, and whether there is `earlier` and `later`."""
    window = _find(warehouse, question)
    session_ids = list(dict.fromkeys(event["session_id"] for event in window.events))
    return {
        "events": _columns(_records(window)),
        "count": len(window.events),
        "annotations": [_label(row) for row in current_labels(warehouse, session_ids)],
        "earlier": window.earlier,
        "later": window.later,
    }


def moment(ms: float) -> datetime:
    """Epoch milliseconds to naive UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC).replace(tzinfo=None)


def _find(warehouse: Warehouse, asked: TimelineQuestion) -> EventWindow:
    visitor_id, limit = asked.visitor_id, asked.limit
    if asked.before:
        at = moment_of_event(warehouse, visitor_id, asked.before)
        return (
            EventWindow([], False, False)
            if at is None
            else events_before(warehouse, visitor_id, at, asked.before, limit)
        )
    if asked.after:
        at = moment_of_event(warehouse, visitor_id, asked.after)
        return (
            EventWindow([], False, False) if at is None else events_after(warehouse, visitor_id, at, asked.after, limit)
        )
    about = _moment_asked(warehouse, asked)
    if about is None:
        return newest_events(warehouse, visitor_id, limit)
    return events_about(warehouse, visitor_id, about, limit)


def _moment_asked(warehouse: Warehouse, asked: TimelineQuestion) -> datetime | None:
    """Of the event, else of the moment, else of the session that was asked for; None for none of them."""
    if asked.event_id and (found := moment_of_event(warehouse, asked.visitor_id, asked.event_id)):
        return found
    if asked.at_ms is not None:
        return moment(asked.at_ms)
    return moment_of_session(warehouse, asked.visitor_id, asked.session_id) if asked.session_id else None


def _records(window: EventWindow) -> list[dict[str, Any]]:
    """With the value of the cart after each event, session by session."""
    records = records_of_rows(window.events)
    return [row for _, part in groupby(records, key=lambda row: row["session_id"]) for row in with_cart(list(part))]


def _columns(records: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """Columns in which no event has a value are left out; the browser reads them as null."""
    names = [name for name in (records[0] if records else ()) if name not in (*_LEFT_OUT, *_UNUSED)]
    columns = {name: [record[name] for record in records] for name in names}
    return {name: column for name, column in columns.items() if any(value is not None for value in column)}


def _label(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"created_at": epoch_ms(row["created_at"])}
