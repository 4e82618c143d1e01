"""A small shop with sessions of two events, and annotations of it in a line."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from core.intents.annotations import Annotation
from core.store.ingest_queries import append_events
from core.store.warehouse import Warehouse
from tests.core.store.rows import event, table

AT = datetime(2026, 5, 4, 12)


def fill_shop(warehouse: Warehouse, sessions: int = 10) -> Warehouse:
    """Sessions s0, s1, … of visitors v0, v1, … with the events e0 and e1, e2 and e3, …"""
    rows = [event(n, visitor=f"v{n // 2}", minutes=n, session_id=f"s{n // 2}") for n in range(2 * sessions)]
    append_events(warehouse, table(*rows))
    return warehouse


def annotation(
    intent: str | None, session_id: str, by: str, *, event_id: str | None = None, minutes: float = 0.0, **more: Any
) -> Annotation:
    client_id = more.pop("client_id", uuid.uuid4().hex)
    kind: Any = "session" if event_id is None else "event"
    at = AT + timedelta(minutes=minutes)
    return Annotation(f"a-{client_id}", client_id, kind, session_id, event_id, intent, by, at, **more)
