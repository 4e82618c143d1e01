"""What the warehouse tells of evaluated sessions."""

from datetime import datetime, timedelta

import pyarrow as pa

from core.events.schema import EVENT_SCHEMA
from core.store.evaluation_queries import session_traits
from core.store.ingest_queries import append_events
from core.store.warehouse import Warehouse

START = datetime(2026, 5, 1)


def _event(number: int, session_id: str, event_type: str, **values: object) -> dict[str, object]:
    at = START + timedelta(hours=number)
    known = {"event_id": f"e{number}", "visitor_id": "v", "session_id": session_id, "event_type": event_type}
    return dict.fromkeys(EVENT_SCHEMA.names) | known | {"occurred_at": at, "received_at": at} | values


def test_traits_tell_what_went_before_what_was_said_and_what_happened(warehouse: Warehouse) -> None:
    events = [
        _event(0, "one", "view", device="mobile"),
        _event(1, "two", "search", query="红鞋", channel="email"),
        _event(2, "two", "message", text="where is it"),
        _event(3, "three", "view"),
    ]
    append_events(warehouse, pa.Table.from_pylist(events, schema=EVENT_SCHEMA))
    found = session_traits(warehouse, ["two", "one", "gone"]).set_index("session_id")
    assert found.index.tolist() == ["one", "two"]
    assert found["earlier_sessions"].tolist() == [0, 1]
    assert found.loc["two", "words"] == "红鞋 where is it"
    assert found.loc["two", "channel"] == "email"
    assert list(found.loc["two", "trail"]) == ["search", "message"]
    assert not isinstance(found.loc["one", "words"], str)


def test_no_sessions_have_no_traits(warehouse: Warehouse) -> None:
    assert session_traits(warehouse, []).empty
