"""What the warehouse tells of evaluated sessions."""

from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from core.events.schema import EVENT_SCHEMA
from core.store.evaluation_queries import session_traits, states_beside
from core.store.ingest_queries import append_events
from core.store.prediction_queries import append_predictions
from core.store.session_queue import settle_sessions
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


def _score(warehouse: Warehouse, path: Path, model_id: str, said: dict[int, float]) -> None:
    """Of each event by its number, in session `s<number // 2>`, the probability of the first of two intents."""
    rows = [
        {"event_id": f"e{n}", "session_id": f"s{n // 2}", "visitor_id": "v", "probabilities": [share, 1 - share]}
        for n, share in said.items()
    ]
    pq.write_table(pa.Table.from_pylist(rows), path)
    append_predictions(warehouse, path, model_id)


def test_two_models_stand_beside_each_other_at_the_last_events_both_scored(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    events = [_event(n, f"s{n // 2}", "view") for n in range(6)]
    append_events(warehouse, pa.Table.from_pylist(events, schema=EVENT_SCHEMA))
    settle_sessions(warehouse)
    _score(warehouse, tmp_path / "a.parquet", "a", {0: 0.5, 1: 0.25, 2: 0.5, 3: 0.75, 4: 0.5, 5: 1.0})
    _score(warehouse, tmp_path / "b.parquet", "b", {0: 0.5, 1: 0.0, 2: 0.5, 4: 0.5, 5: 0.5})  # before s1 went on
    found = states_beside(warehouse, "a", "b", 10)
    assert found["session_id"].tolist() == ["s2", "s0"], "the latest first, without the one that went on in between"
    assert found["event_id"].tolist() == ["e5", "e1"]
    assert [list(row) for row in found["first"]] == [[1.0, 0.0], [0.25, 0.75]]
    assert [list(row) for row in found["second"]] == [[0.5, 0.5], [0.0, 1.0]]
    assert len(states_beside(warehouse, "a", "b", 1)) == 1
    assert states_beside(warehouse, "a", "nobody", 10).empty
