"""Small posts from the commit log: seen by every reader, stored once after any end, and never in the way of others."""

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

import pyarrow as pa
import pytest

from core.errors import WarehouseWriteError
from core.events.cleaning import REFUSED_SCHEMA
from core.events.schema import EVENT_SCHEMA, ITEM_SCHEMA
from core.settings import Settings
from core.store import arrivals as arrivals_module
from core.store.arrival_record import decode, encode, head_of_records
from core.store.arrivals import Arrivals, resume_arrivals
from core.store.collect_queries import Arrival, submit_collected
from core.store.commit_log import CommitLog, read_log
from core.store.frames import read_rows, read_value
from core.store.person_queries import person_visitors
from core.store.session_queue import settle_sessions
from core.store.warehouse import Warehouse
from tests.core.collect.broker.nats_server import wait_until
from tests.core.store.rows import event, items_table, table

NOTHING = {"rejected": REFUSED_SCHEMA.empty_table(), "items": ITEM_SCHEMA.empty_table()}
REFUSED = pa.Table.from_pylist([{"row_number": 1, "reason": "no_type", "raw": "{}", "source": "web"}], REFUSED_SCHEMA)
COUNT = "SELECT count(*) FROM events"


@pytest.fixture
def arrivals(warehouse: Warehouse) -> Iterator[Arrivals]:
    """The log of an open warehouse."""
    arrivals = Arrivals(warehouse)
    yield arrivals
    arrivals.close()


def _send(arrivals: Arrivals, *events: dict[str, object]) -> frozenset[str]:
    return arrivals.submit(table(*events), **NOTHING).result(20)


def _held(warehouse: Warehouse) -> Callable[[], None]:
    """The writer held until the answer is called."""
    hold, holding = threading.Event(), threading.Event()

    def wait(_: object) -> None:
        holding.set()
        hold.wait(20)

    warehouse.submit(wait)
    holding.wait(20)
    return hold.set


def test_an_answer_does_not_wait_for_the_writer_and_a_reader_sees_what_was_answered(
    warehouse: Warehouse, arrivals: Arrivals
) -> None:
    go_on = _held(warehouse)
    assert [_send(arrivals, event(n, minutes=n)) for n in range(5)] == [{f"e{n}"} for n in range(5)]
    with warehouse.committed() as cursor:
        assert cursor.execute(COUNT).fetchall() == [(0,)]
    go_on()
    assert read_value(warehouse, COUNT) == 5
    settle_sessions(warehouse)
    assert read_rows(warehouse, "SELECT event_count FROM sessions") == [(5,)]


def test_a_copy_is_known_wherever_the_first_is(warehouse: Warehouse, arrivals: Arrivals) -> None:
    submit_collected(warehouse, table(event(1)), **NOTHING).result(20)
    go_on = _held(warehouse)
    assert _send(arrivals, event(1), event(2), event(2, query="again")) == {"e2"}
    assert _send(arrivals, event(2), event(3)) == {"e3"}  # pending
    large = submit_collected(warehouse, table(event(3), event(4)), **NOTHING)
    go_on()
    assert large.result(20) == {"e4"}
    assert read_rows(warehouse, "SELECT event_id, query FROM events ORDER BY 1") == [
        ("e1", None), ("e2", None), ("e3", None), ("e4", None)
    ]  # fmt: skip


def test_a_change_sees_what_was_answered_before_it(warehouse: Warehouse, arrivals: Arrivals) -> None:
    _send(arrivals, event(1))
    assert warehouse.write(lambda cursor: cursor.execute(COUNT).fetchall()) == [(1,)]


@pytest.fixture
def crashed(settings: Settings) -> Settings:
    """A data folder as a server leaves it that acknowledged four posts and was killed before it stored them."""
    warehouse = Warehouse.open(settings)
    arrivals = Arrivals(warehouse)
    go_on = _held(warehouse)
    for n in range(3):
        _send(arrivals, event(n, minutes=n, item_id="shoe"))
    told = items_table({"item_id": "shoe", "title": "Shoe", "updated_at": datetime(2026, 5, 4)})
    more = arrivals.submit(table(event(3)), rejected=REFUSED, items=told, links=[("v1", "mia")])
    assert more.result(20) == {"e3"}
    after = settings.home.parent / "after"
    shutil.copytree(settings.home, after)
    go_on()
    arrivals.close()
    warehouse.close()
    return replace(settings, home=after)


def test_what_a_crash_left_is_stored_once_before_anything_is_read(crashed: Settings) -> None:
    warehouse = Warehouse.open(crashed)
    assert resume_arrivals(warehouse) == 4
    assert resume_arrivals(warehouse) == 0
    assert read_value(warehouse, COUNT) == 4
    assert read_rows(warehouse, "SELECT title FROM items") == [("Shoe",)]
    assert read_rows(warehouse, "SELECT reason, source FROM rejected_events") == [("no_type", "web")]
    assert person_visitors(warehouse, "v1") == ["mia", "v1"]
    arrivals = Arrivals(warehouse)
    assert _send(arrivals, event(3), event(4)) == {"e4"}
    arrivals.close()
    assert read_log(warehouse.settings.commit_log_folder, _log_id(warehouse)) == []
    warehouse.close()


def _log_id(warehouse: Warehouse) -> bytes:
    return bytes(read_value(warehouse, "SELECT log_id FROM commit_log").bytes)


def test_a_crash_after_the_commit_stores_nothing_twice(warehouse: Warehouse) -> None:
    arrivals = Arrivals(warehouse)
    arrivals.submit(table(event(1)), rejected=REFUSED, items=ITEM_SCHEMA.empty_table()).result(20)
    assert read_value(warehouse, COUNT) == 1  # stored, and the file still has it
    assert len(read_log(warehouse.settings.commit_log_folder, _log_id(warehouse))) == 1
    assert resume_arrivals(warehouse) == 0
    assert read_value(warehouse, "SELECT count(*) FROM rejected_events") == 1
    arrivals.close()


def test_another_warehouse_in_the_same_folder_takes_nothing_over(crashed: Settings) -> None:
    crashed.warehouse_path.unlink()
    warehouse = Warehouse.open(crashed)
    warehouse.write(lambda cursor: cursor.execute("UPDATE commit_log SET log_id = uuid()").fetchall())
    assert resume_arrivals(warehouse) == 0
    assert read_value(warehouse, COUNT) == 0
    warehouse.close()


def test_a_post_that_cannot_be_stored_is_set_aside_and_the_others_are_stored(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    store = arrivals_module.store_arrival

    def break_on_two(warehouse: Warehouse, cursor: object, arrival: Arrival) -> frozenset[str]:
        if "e2" in arrival.events["event_id"].to_pylist():
            raise ZeroDivisionError("poison")
        return store(warehouse, cursor, arrival)

    monkeypatch.setattr(arrivals_module, "store_arrival", break_on_two)
    arrivals = Arrivals(warehouse)
    for n in range(5):
        _send(arrivals, event(n))
    wait_until(lambda: read_value(warehouse, COUNT) == 4, "the others are stored")
    arrivals.close()
    (kept,) = (warehouse.settings.commit_log_folder / "set-aside").glob("*.record")
    assert decode(kept.read_bytes(), head_of_records()).events["event_id"].to_pylist() == ["e2"]
    assert "could not be stored; it is kept in" in caplog.text


def test_while_the_disk_refuses_posts_are_left_to_the_writer_and_what_is_logged_is_tried_again(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrivals_module, "RETRY_S", 0.05)
    store, refuse = arrivals_module.store_arrival, threading.Event()

    def store_if_room(warehouse: Warehouse, cursor: object, arrival: Arrival) -> frozenset[str]:
        if refuse.is_set():
            raise OSError(28, "No space left on device")
        return store(warehouse, cursor, arrival)

    monkeypatch.setattr(arrivals_module, "store_arrival", store_if_room)
    arrivals = Arrivals(warehouse)
    refuse.set()
    _send(arrivals, event(1))
    assert read_value(warehouse, COUNT) == 0
    assert not arrivals.ready
    refuse.clear()
    wait_until(lambda: arrivals.ready, "the disk takes it again")
    assert read_value(warehouse, COUNT) == 1
    arrivals.close()


def test_a_log_that_cannot_be_written_acknowledges_nothing(
    arrivals: Arrivals, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_log: CommitLog, _payloads: object) -> int:
        raise OSError(28, "No space left on device")

    ended: list[bool] = []
    with monkeypatch.context() as full:
        full.setattr(CommitLog, "append", refuse)
        future = arrivals.submit(table(event(1)), **NOTHING, on_storing=lambda _: ended.append)
        with pytest.raises(WarehouseWriteError, match="No space"):
            future.result(20)
    assert ended == [False]
    assert read_value(warehouse, COUNT) == 0
    assert _send(arrivals, event(1)) == {"e1"}


def test_a_record_written_by_an_older_schema_is_read_by_the_present_one() -> None:
    older = pa.schema([field for field in EVENT_SCHEMA if field.name != "query"])
    arrival = Arrival(table(event(1, price=2.5)).select(older.names), REFUSED, items_table(), (), datetime(2026, 5, 4))
    parts = [older.serialize().to_pybytes(), ITEM_SCHEMA.serialize().to_pybytes()]
    head = b"".join(len(part).to_bytes(4, "little") + part for part in parts)
    read = decode(encode(arrival), head)
    assert read.events.schema.equals(EVENT_SCHEMA)
    assert read.events.to_pylist() == table(event(1, price=2.5)).to_pylist()
    assert read.rejected.equals(REFUSED)
