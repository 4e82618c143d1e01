"""Sessions are the same whether derived in memory for few visitors or in the table for all; once for a whole group."""

import threading
from typing import Any

import duckdb
import pandas as pd
import pytest

from core.settings import Settings
from core.store import ingest_queries
from core.store.frames import read_frame
from core.store.ingest_queries import append_events, rebuild_sessions, submit_events
from core.store.warehouse import Warehouse
from tests.core.store.rows import event, table

EVENTS: list[dict[str, Any]] = [
    event(1, minutes=0, query="lamp"),
    event(2, minutes=50, device="mobile"),
    event(3, minutes=25),  # joins the first session
    event(4, minutes=40),  # joins the two sessions of v1
    event(5, visitor="v2", minutes=5, session_id="shared"),
    event(6, visitor="v3", minutes=400, session_id="shared", event_type="purchase", price=5.0),
    event(7, visitor="v2", minutes=9, session_id="shared", event_type="add_to_cart"),
    event(8, visitor="v3", minutes=-400, session_id="shared", country="FR"),
    event(9, visitor="v2", minutes=10),
]


def _sessions(warehouse: Warehouse) -> pd.DataFrame:
    return read_frame(warehouse, "SELECT * FROM sessions ORDER BY session_id")


def _hold(warehouse: Warehouse) -> threading.Event:
    """The writer, held until the event is set: what is submitted meanwhile becomes one group."""
    running, hold = threading.Event(), threading.Event()

    def wait(_: duckdb.DuckDBPyConnection) -> None:
        running.set()
        hold.wait(10)

    warehouse.submit(wait)
    assert running.wait(10)
    return hold


def test_events_one_by_one_give_the_sessions_of_a_whole_rebuild(warehouse: Warehouse) -> None:
    for row in EVENTS:
        append_events(warehouse, table(row))
    one_by_one = _sessions(warehouse)
    assert one_by_one["event_count"].sum() == len(EVENTS)
    rebuild_sessions(warehouse)
    pd.testing.assert_frame_equal(_sessions(warehouse), one_by_one)


def test_a_group_of_batches_derives_its_sessions_once(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    derived: list[list[str]] = []
    true_derive = ingest_queries.derive_sessions

    def derive(cursor: duckdb.DuckDBPyConnection, gap: int, visitor_ids: Any) -> int:
        derived.append(list(visitor_ids))
        return true_derive(cursor, gap, visitor_ids)

    monkeypatch.setattr(ingest_queries, "derive_sessions", derive)
    warehouse = Warehouse.open(settings)
    hold = _hold(warehouse)
    futures = [submit_events(warehouse, table(event(n, visitor=f"v{n % 3}", minutes=n))) for n in range(30)]
    hold.set()
    assert sum(future.result().added for future in futures) == 30
    assert sorted(visitor for visitors in derived for visitor in visitors) == ["v0", "v1", "v2"]
    assert _sessions(warehouse)["event_count"].tolist() == [10, 10, 10]
    warehouse.close()


def test_a_batch_that_fails_leaves_its_group_and_their_sessions_whole(settings: Settings) -> None:
    warehouse = Warehouse.open(settings)
    hold = _hold(warehouse)
    good = submit_events(warehouse, table(event(1)))
    bad = warehouse.submit(lambda cursor: cursor.execute("SELECT * FROM nowhere").fetchall())
    good_too = submit_events(warehouse, table(event(2, visitor="v2")))
    hold.set()
    assert (good.result().added, good_too.result().added) == (1, 1)
    assert isinstance(bad.exception(), duckdb.Error)
    assert len(_sessions(warehouse)) == 2
    warehouse.close()


def test_two_batches_of_one_visitor_in_one_group_see_each_other(settings: Settings) -> None:
    """A scan by the index over rows of its own transaction, which DuckDB 2.0 gets wrong without an order."""
    warehouse = Warehouse.open(settings)
    append_events(warehouse, table(*[event(n, minutes=n) for n in range(3000)]))
    hold = _hold(warehouse)
    futures = [submit_events(warehouse, table(event(n, minutes=n))) for n in (3000, 3001)]
    hold.set()
    assert [future.result().added for future in futures] == [1, 1]
    assert _sessions(warehouse)["event_count"].tolist() == [3002]
    warehouse.close()
