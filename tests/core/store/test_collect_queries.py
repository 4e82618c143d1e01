"""Collected events: once at any age, sessions soon after, and after a crash."""

import duckdb
import pyarrow as pa
import pytest

from core.collect.collector import REFUSED_SCHEMA
from core.events.schema import ITEM_SCHEMA
from core.settings import Settings
from core.store import session_queue
from core.store.collect_queries import LOOKUPS, submit_collected
from core.store.frames import read_frame, read_rows, read_value
from core.store.ingest_queries import append_events, rebuild_sessions
from core.store.session_queue import resume_sessions, settle_sessions
from core.store.warehouse import Warehouse
from tests.core.store.rows import event, table

NOTHING = {"rejected": REFUSED_SCHEMA.empty_table(), "items": ITEM_SCHEMA.empty_table()}
PENDING = "SELECT count(*) FROM pending_sessions"


def _collect(warehouse: Warehouse, *events: dict[str, object]) -> frozenset[str]:
    return submit_collected(warehouse, table(*events), **NOTHING).result(20)


def test_only_new_ids_are_added_whatever_their_age_and_number(warehouse: Warehouse) -> None:
    old = [event(n, minutes=n) for n in range(3 * LOOKUPS)]
    append_events(warehouse, table(*old))
    assert _collect(warehouse, *old[::2], event(-1), event(-2)) == {"e-1", "e-2"}
    assert read_value(warehouse, "SELECT count(*) FROM events") == len(old) + 2


def test_the_first_of_two_events_with_one_id_stays(warehouse: Warehouse) -> None:
    assert _collect(warehouse, event(1, query="first"), event(2), event(1, query="second")) == {"e1", "e2"}
    assert read_rows(warehouse, "SELECT query FROM events WHERE event_id = 'e1'") == [("first",)]


def test_groups_in_one_transaction_see_each_other(warehouse: Warehouse) -> None:
    futures = [submit_collected(warehouse, table(event(1), event(n)), **NOTHING) for n in range(2, 30)]
    assert sum("e1" in future.result(20) for future in futures) == 1


def test_a_reader_who_settles_sees_the_sessions_of_a_whole_rebuild(warehouse: Warehouse) -> None:
    for n in range(12):
        _collect(warehouse, event(n, visitor=f"v{n % 2}", minutes=25 * n, item_id=f"i{n % 3}"))
    settle_sessions(warehouse, ["v0", "v1"])
    settled = read_frame(warehouse, "SELECT * FROM sessions ORDER BY session_id")
    assert settled["event_count"].sum() == 12
    rebuild_sessions(warehouse)
    assert read_frame(warehouse, "SELECT * FROM sessions ORDER BY session_id").equals(settled)
    assert read_value(warehouse, PENDING) == 0
    assert read_value(warehouse, "SELECT count(*) FROM items") == 3


def test_without_a_reader_sessions_follow_by_themselves_before_the_end(settings: Settings) -> None:
    warehouse = Warehouse.open(settings)
    _collect(warehouse, event(1), event(2, visitor="v2"))
    warehouse.close()
    warehouse = Warehouse.open(settings)
    assert read_value(warehouse, "SELECT count(*) FROM sessions") == 2
    assert read_value(warehouse, PENDING) == 0
    warehouse.close()


def test_sessions_a_crash_left_open_are_derived_at_the_next_start(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> int:
        raise duckdb.IOException("gone")

    warehouse = Warehouse.open(settings)
    monkeypatch.setattr(session_queue, "derive_sessions", crash)
    _collect(warehouse, event(1), event(2, visitor="v2"), event(3, visitor="v3", session_id="given"))
    warehouse.close()
    monkeypatch.undo()
    warehouse = Warehouse.open(settings)
    assert read_rows(warehouse, "SELECT visitor_id FROM pending_sessions") == [("v3",)]  # the others show it themselves
    assert resume_sessions(warehouse) == 3
    settle_sessions(warehouse)
    assert read_value(warehouse, "SELECT count(*) FROM sessions") == 3
    assert read_value(warehouse, PENDING) == 0
    assert resume_sessions(warehouse) == 0
    warehouse.close()


def test_a_refused_message_is_kept_beside_the_events(warehouse: Warehouse) -> None:
    row = {"row_number": 1, "reason": "missing_time", "field": None, "value": None, "raw": "{}", "source": "segment"}
    rejected = pa.Table.from_pylist([row], schema=REFUSED_SCHEMA)
    submit_collected(warehouse, table(), rejected=rejected, items=ITEM_SCHEMA.empty_table()).result(20)
    assert read_rows(warehouse, "SELECT reason, source FROM rejected_events") == [("missing_time", "segment")]


def test_what_comes_while_a_reader_settles_is_not_forgotten(warehouse: Warehouse) -> None:
    for n in range(40):
        future = submit_collected(warehouse, table(event(n, minutes=n)), **NOTHING)
        settle_sessions(warehouse, ["v1"])
        future.result(20)
    settle_sessions(warehouse)
    assert read_value(warehouse, "SELECT sum(event_count) FROM sessions") == 40
    assert read_value(warehouse, PENDING) == 0
