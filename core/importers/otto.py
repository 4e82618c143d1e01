"""OTTO's sessions, one JSON object a line with all events of a session, as raw rows."""

from collections.abc import Mapping
from typing import Any


def rows_from_otto(session: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One row an event; a session is its visitor, since the set tells no more. `ts` is in milliseconds."""
    events = session.get("events")
    return [
        {
            "visitor_id": session.get("session"),
            "session_id": session.get("session"),
            "occurred_at": event.get("ts"),
            "event_type": event.get("type"),
            "item_id": event.get("aid"),
        }
        for event in (events if isinstance(events, list | tuple) else ())
        if isinstance(event, Mapping)
    ]
