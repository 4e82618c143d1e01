"""Stored predictions: replaced whole by model, and found by visitor, session and time."""

from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from core.store.frames import read_rows
from core.store.ingest_queries import append_events
from core.store.prediction_queries import (
    append_predictions,
    count_predictions,
    count_states,
    count_unscored,
    session_predictions,
    visitor_predictions,
)
from core.store.warehouse import Warehouse
from tests.core.store.rows import START, event, items_table, table


def _write(path: Path, first: float) -> Path:
    rows = [
        {"event_id": f"e{n}", "session_id": f"s{n % 2}", "visitor_id": f"v{n % 3}", "probabilities": [first, 1 - first]}
        for n in range(30)
    ]
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path


def test_predictions_are_replaced_and_found_by_their_visitor(warehouse: Warehouse, tmp_path: Path) -> None:
    append_events(warehouse, table(*[event(n, visitor=f"v{n % 3}", minutes=n) for n in range(30)]))
    for first in (0.25, 0.75):
        assert append_predictions(warehouse, _write(tmp_path / "p.parquet", first), "m1") == 30
        append_predictions(warehouse, _write(tmp_path / "q.parquet", 0.5), "m2")
        assert count_predictions(warehouse, "m1") == 30
        found = visitor_predictions(warehouse, ["v1"], "m1")
        assert found["event_id"].tolist() == [f"e{n}" for n in range(1, 30, 3)]
        assert {row[0] for row in found["probabilities"]} == {first}
    later = visitor_predictions(warehouse, ["v1"], "m1", START + timedelta(minutes=10), START + timedelta(minutes=20))
    assert later["event_id"].tolist() == ["e10", "e13", "e16", "e19"]
    assert len(session_predictions(warehouse, "s0", "m2")) == 15
    assert visitor_predictions(warehouse, ["nobody"], "m1").empty


def test_the_last_event_of_each_session_is_kept_with_its_embedding(warehouse: Warehouse, tmp_path: Path) -> None:
    append_events(warehouse, table(*[event(n, minutes=n, session_id=f"s{n // 2}") for n in range(4)]))
    rows = [
        {
            "event_id": f"e{n}",
            "session_id": f"s{n // 2}",
            "visitor_id": "v1",
            "probabilities": [n / 10, 1 - n / 10],
            "embedding": [float(n), 0.0] if n % 2 else None,
        }
        for n in (3, 2, 1, 0)
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "p.parquet")
    for _ in range(2):
        append_predictions(warehouse, tmp_path / "p.parquet", "m1")
    states = read_rows(warehouse, "SELECT session_id, event_id, embedding FROM session_states ORDER BY session_id")
    assert states == [("s0", "e1", [1.0, 0.0]), ("s1", "e3", [3.0, 0.0])]
    assert count_states(warehouse) == {"m1": 2}
    append_predictions(warehouse, _write(tmp_path / "old.parquet", 0.5), "m1")
    assert count_states(warehouse) == {"m1": 0}


def test_sessions_that_came_after_the_scoring_are_counted_but_no_replays_and_bots(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    append_events(warehouse, table(*[event(n, visitor=f"v{n % 2}", session_id=f"s{n % 2}") for n in range(30)]))
    assert count_unscored(warehouse, "m1") == 2
    append_predictions(warehouse, _write(tmp_path / "p.parquet", 0.5), "m1")
    assert (count_unscored(warehouse, "m1"), count_unscored(warehouse, "m2")) == (0, 2)
    append_events(warehouse, table(event(31, visitor="v7"), event(32, visitor="v8", source="replay")))
    assert count_unscored(warehouse, "m1") == 1
    bot = "UPDATE sessions SET is_bot = true WHERE visitor_id = 'v7'"
    warehouse.write(lambda cursor: cursor.execute(bot).fetchall())
    assert count_unscored(warehouse, "m1") == 0


def test_what_becomes_known_of_an_item_changes_no_prediction_that_is_stored(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    events = table(*[event(n, visitor=f"v{n % 3}", item_id="shoe", session_id=f"s{n % 2}") for n in range(30)])
    append_events(warehouse, events)
    append_predictions(warehouse, _write(tmp_path / "p.parquet", 0.25), "m1")
    stored = read_rows(warehouse, "SELECT * FROM predictions ORDER BY event_id")
    states = read_rows(warehouse, "SELECT * FROM session_states ORDER BY session_id")
    told = items_table({"item_id": "shoe", "title": "Boot", "price": 99.0, "updated_at": START + timedelta(days=1)})
    append_events(warehouse, table(event(0)), items=told)
    assert read_rows(warehouse, "SELECT title FROM items") == [("Boot",)]
    assert read_rows(warehouse, "SELECT * FROM predictions ORDER BY event_id") == stored
    assert read_rows(warehouse, "SELECT * FROM session_states ORDER BY session_id") == states
