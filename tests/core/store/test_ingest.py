"""Appending events: once each, items merged, sessions as a plain reading of the rule gives them."""

import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.errors import NotFoundError, WarehouseBusyError, WarehouseWriteError
from core.settings import Settings
from core.store.event_queries import list_visitors, session_events, visitor_events
from core.store.ingest_queries import append_events
from core.store.item_queries import items
from core.store.overview_queries import events_over_time, totals
from core.store.session_queries import SessionFilter, count_sessions, get_session, list_sessions
from core.store.snapshot_queries import write_snapshot
from core.store.warehouse import Warehouse
from tests.core.store.rows import START, event, items_table, table

GAP = timedelta(minutes=30)
OPEN = """
import sys
from pathlib import Path
from core.settings import Settings
from core.store.warehouse import Warehouse
Warehouse.open(Settings(home=Path(sys.argv[1])))
"""


def _sessions(warehouse: Warehouse, visitor: str = "v1") -> dict[str, str]:
    frame = visitor_events(warehouse, visitor)
    return dict(zip(frame["event_id"], frame["session_id"], strict=True))


def test_an_event_is_kept_once_within_and_across_batches(warehouse: Warehouse) -> None:
    first = append_events(warehouse, table(event(1), event(1), event(2)))
    second = append_events(warehouse, table(event(2), event(3)))
    assert (first.added, first.duplicates, second.added, second.duplicates) == (2, 1, 1, 1)
    assert totals(warehouse).events == 3


def test_half_an_hour_without_events_parts_sessions(warehouse: Warehouse) -> None:
    append_events(warehouse, table(event(1), event(2, minutes=30), event(3, minutes=60.1)))
    found = _sessions(warehouse)
    assert found["e1"] == found["e2"] != found["e3"]


def test_a_late_event_joins_sessions_and_keeps_the_earlier_name(warehouse: Warehouse) -> None:
    append_events(warehouse, table(event(1), event(2, minutes=40)))
    before = _sessions(warehouse)
    append_events(warehouse, table(event(3, minutes=20)))
    after = _sessions(warehouse)
    assert set(after.values()) == {before["e1"]}
    assert totals(warehouse).sessions == 1


def test_given_session_ids_are_kept(warehouse: Warehouse) -> None:
    append_events(warehouse, table(event(1, session_id="s1"), event(2, minutes=500, session_id="s1")))
    assert set(_sessions(warehouse).values()) == {"s1"}
    assert get_session(warehouse, "s1").event_count == 2


@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_sessions_equal_the_plain_rule_in_any_order_of_arrival(data: Any, warehouse: Warehouse) -> None:
    visitor = f"visitor-{data.draw(st.uuids())}"
    minutes = data.draw(st.lists(st.integers(0, 300), min_size=1, max_size=12))
    rows = [event(0, visitor=visitor, minutes=at) | {"event_id": f"{visitor}-{n}"} for n, at in enumerate(minutes)]
    cut = data.draw(st.integers(0, len(rows)))
    for part in (rows[cut:], rows[:cut]):
        if part:
            append_events(warehouse, table(*part))
    frame = visitor_events(warehouse, visitor)
    expected, last = 0, None
    for at, session in zip(frame["occurred_at"], frame["session_id"], strict=True):
        if last is None or at - last[0] > GAP:
            expected += 1
        else:
            assert session == last[1]
        last = (at, session)
    assert frame["session_id"].nunique() == expected == count_sessions(warehouse, SessionFilter(visitor_id=visitor))


def test_the_newest_known_value_of_an_item_wins(warehouse: Warehouse) -> None:
    old = {"item_id": "i", "title": "old", "brand": "b", "updated_at": START}
    new = {"item_id": "i", "title": "new", "updated_at": START + GAP}
    for part in (old, new, old):
        append_events(warehouse, table(), items=items_table(part))
    [item] = items(warehouse, ["i"]).to_dict("records")
    assert (item["title"], item["brand"]) == ("new", "b")


def test_sessions_are_found_by_what_happened_in_them(warehouse: Warehouse) -> None:
    append_events(
        warehouse,
        table(
            event(1, session_id="a", query="red lamp", event_type="search"),
            event(2, session_id="a", minutes=1, event_type="purchase", price=5.0, quantity=2.0),
            event(3, visitor="v2", session_id="b", event_type="add_to_cart"),
        ),
    )
    for found, wanted in (
        (SessionFilter(query_contains="LAMP"), ["a"]),
        (SessionFilter(has_purchase=True), ["a"]),
        (SessionFilter(has_cart=True), ["b"]),
        (SessionFilter(event_type="search"), ["a"]),
        (SessionFilter(min_events=2), ["a"]),
        (SessionFilter(annotated=True), []),
        (SessionFilter(), ["b", "a"]),
    ):
        assert sorted(list_sessions(warehouse, found)["session_id"]) == sorted(wanted)
    assert get_session(warehouse, "a").revenue == 10.0
    assert totals(warehouse).conversion == 0.5
    assert events_over_time(warehouse, "day")["events"].tolist() == [3]
    assert list_visitors(warehouse, search="v2")["visitor_id"].tolist() == ["v2"]
    with pytest.raises(NotFoundError, match="'c'"):
        get_session(warehouse, "c")


def test_a_session_no_person_could_make_is_a_bot_and_stays_out_of_snapshots(
    warehouse: Warehouse, settings: Settings
) -> None:
    rows = [event(number, visitor="bot", minutes=number / 600) for number in range(150)]
    append_events(warehouse, table(*rows, event(999, visitor="person")))
    assert list_sessions(warehouse, SessionFilter(visitor_id="bot"))["is_bot"].tolist() == [True]
    assert write_snapshot(warehouse, settings.home / "snapshot").events == 1


def test_a_second_owner_is_told_who_has_the_folder(warehouse: Warehouse, settings: Settings) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", OPEN, str(settings.home)], capture_output=True, text=True, check=False
    )
    assert WarehouseBusyError.__name__ in ended.stderr
    assert "in use by process" in ended.stderr


def test_a_reopened_folder_has_everything_and_a_closed_one_takes_nothing(settings: Settings) -> None:
    warehouse = Warehouse.open(settings)
    append_events(warehouse, table(event(1)))
    warehouse.close()
    with pytest.raises(WarehouseWriteError):
        append_events(warehouse, table(event(2)))
    again = Warehouse.open(settings)
    assert session_events(again, _sessions(again)["e1"])["event_id"].tolist() == ["e1"]
    again.close()


def test_a_change_that_fails_fails_alone(warehouse: Warehouse) -> None:
    def broken(cursor: Any) -> None:
        cursor.execute("INSERT INTO items (item_id) VALUES ('half')")
        raise ValueError("a mistake")

    futures = [warehouse.submit(broken) for _ in range(3)]
    good = append_events(warehouse, table(event(1)))
    assert good.added == 1
    assert all(isinstance(future.exception(), ValueError) for future in futures)
    assert items(warehouse, ["half"]).empty
