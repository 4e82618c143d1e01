"""A window of events as the timeline's browser reads it: columns, not records, and only those in use."""

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from app.api.messages import TimelineQuestion
from app.views.cart_columns import cart_columns
from app.views.visitor_records import epoch_ms, image_url
from core.store.person_queries import person_visitors
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

_RENAMED = {"event_type": "type", "event_name": "name"}
_OTHERWISE = ("visitor_id", "occurred_at", "quantity", "image")


def timeline_window(warehouse: Warehouse, question: TimelineQuestion) -> dict[str, Any]:
    """The body of the answer: `events` (columns by name), `annotations`, and whether there is `earlier` and `later`."""
    visitor_ids = visitors_asked(warehouse, question.visitor_id, question.person)
    window = _find(warehouse, visitor_ids, question)
    session_ids = pc.unique(window.events["session_id"]).drop_null().to_pylist() if len(window.events) else []
    return {
        "events": _columns(window.events, len(visitor_ids) > 1),
        "count": len(window.events),
        "annotations": [_label(row) for row in current_labels(warehouse, session_ids)],
        "earlier": window.earlier,
        "later": window.later,
    }


def visitors_asked(warehouse: Warehouse, visitor_id: str, person: bool) -> list[str]:
    """The visitor alone, or all that are the same person."""
    return person_visitors(warehouse, visitor_id) if person else [visitor_id]


def moment(ms: float) -> datetime:
    """Epoch milliseconds to naive UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC).replace(tzinfo=None)


def _find(warehouse: Warehouse, visitor_ids: list[str], asked: TimelineQuestion) -> EventWindow:
    for event_id, read in ((asked.before, events_before), (asked.after, events_after)):
        if event_id:
            place = moment_of_event(warehouse, visitor_ids, event_id)
            if place is None:
                return EventWindow(pa.table({"session_id": pa.array([], pa.string())}), False, False)
            return read(warehouse, visitor_ids, place, event_id, asked.limit)
    about = _moment_asked(warehouse, visitor_ids, asked)
    if about is None:
        return newest_events(warehouse, visitor_ids, asked.limit)
    return events_about(warehouse, visitor_ids, about, asked.limit)


def _moment_asked(warehouse: Warehouse, visitor_ids: list[str], asked: TimelineQuestion) -> datetime | None:
    """Of the event, else of the moment, else of the session that was asked for; None for none of them."""
    if asked.event_id and (found := moment_of_event(warehouse, visitor_ids, asked.event_id)):
        return found
    if asked.at_ms is not None:
        return moment(asked.at_ms)
    return moment_of_session(warehouse, visitor_ids, asked.session_id) if asked.session_id else None


def _columns(events: pa.Table, several: bool) -> dict[str, list[Any]]:
    """Columns in which no event has a value are left out; the browser reads them as null. `visitor_id` is told of
    several visitors only.
    """
    if not len(events):
        return {}
    used = {name for name in events.column_names if events[name].null_count < len(events)}
    columns = {_RENAMED.get(name, name): events[name].to_pylist() for name in sorted(used.difference(_OTHERWISE))}
    columns["t"] = pc.cast(pc.cast(events["occurred_at"], pa.timestamp("ms"), safe=False), pa.int64()).to_pylist()
    if several:
        columns["visitor_id"] = events["visitor_id"].to_pylist()
    if "quantity" in used:
        columns["quantity"] = pc.cast(pc.trunc(events["quantity"]), pa.int64()).to_pylist()
    if "image" in used:
        columns["image"] = [image_url(image) for image in events["image"].to_pylist()]
    return columns | cart_columns(columns)


def _label(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"created_at": epoch_ms(row["created_at"])}
