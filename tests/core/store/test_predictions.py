"""Stored predictions: replaced whole by model, and found by visitor, session and time."""

from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from core.store.ingest_queries import append_events
from core.store.prediction_queries import (
    append_predictions,
    count_predictions,
    session_predictions,
    visitor_predictions,
)
from core.store.warehouse import Warehouse
from tests.core.store.rows import START, event, table


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
        found = visitor_predictions(warehouse, "v1", "m1")
        assert found["event_id"].tolist() == [f"e{n}" for n in range(1, 30, 3)]
        assert {row[0] for row in found["probabilities"]} == {first}
    later = visitor_predictions(warehouse, "v1", "m1", START + timedelta(minutes=10), START + timedelta(minutes=20))
    assert later["event_id"].tolist() == ["e10", "e13", "e16", "e19"]
    assert len(session_predictions(warehouse, "s0", "m2")) == 15
    assert visitor_predictions(warehouse, "nobody", "m1").empty
