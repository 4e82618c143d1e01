"""Sessions: the plain reference splits by the gap, and the warehouse's SQL names every event as the reference does."""

from datetime import datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.events import sessions
from core.events.cleaning import clean_rows
from core.events.sessions import BOT_EVENTS, Occurrence, is_bot, name_sessions
from core.store import session_derivation
from core.store.frames import read_rows
from core.store.ingest_queries import append_events, rebuild_sessions
from core.store.warehouse import Warehouse

START = datetime(2026, 5, 4, 10)
NOW = datetime(2026, 6, 1)
GAP = 30
MINUTE_STEPS = st.lists(st.sampled_from([0, 1, 29, 30, 31, 200]), min_size=1, max_size=12)
EVENT = st.tuples(
    st.sampled_from(["a", "b"]),
    st.integers(0, 400),
    st.sampled_from([None, None, None, "given-1", "given-2"]),
)


def _at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def _events(rows: list[tuple[str, int, str | None]], first: int = 0) -> list[Occurrence]:
    return [
        Occurrence(f"e{first + place:03d}", visitor, _at(minutes), session, session is not None)
        for place, (visitor, minutes, session) in enumerate(rows)
    ]


def _table(events: list[Occurrence]) -> pa.Table:
    rows = [
        {
            "event_id": event.event_id,
            "visitor_id": event.visitor_id,
            "occurred_at": event.occurred_at,
            "session_id": event.session_id if event.session_given else None,
            "event_type": "view",
        }
        for event in events
    ]
    return clean_rows(rows, source="test", received_at=NOW).events


def _stored(warehouse: Warehouse) -> dict[str, str]:
    return dict(read_rows(warehouse, "SELECT event_id, session_id FROM events"))


def _empty(warehouse: Warehouse) -> None:
    for table in ("events", "sessions"):
        warehouse.write(lambda cursor, table=table: cursor.execute(f"DELETE FROM {table}").fetchall())


def test_a_gap_longer_than_allowed_parts_sessions_and_one_just_as_long_does_not() -> None:
    events = _events([("a", 0, None), ("a", 30, None), ("a", 61, None)])
    names = name_sessions(events, GAP)
    assert names["e000"] == names["e001"] == "a:20260504T100000.000"
    assert names["e002"] == "a:20260504T110100.000"


def test_a_given_id_stays_and_parts_nothing() -> None:
    names = name_sessions(_events([("a", 0, None), ("a", 10, "given"), ("a", 20, None)]), GAP)
    assert names["e001"] == "given"
    assert names["e000"] == names["e002"]


@settings(deadline=None)
@given(MINUTE_STEPS)
def test_within_a_session_no_step_is_longer_than_the_gap_and_between_two_every_one_is(steps: list[int]) -> None:
    minutes = [sum(steps[: place + 1]) for place in range(len(steps))]
    names = name_sessions(_events([("a", minute, None) for minute in minutes]), GAP)
    inside = [names[f"e{place:03d}"] == names[f"e{place - 1:03d}"] for place in range(1, len(steps))]
    assert inside == [step <= GAP for step in steps[1:]]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(EVENT, min_size=1, max_size=25), st.lists(EVENT, max_size=10))
def test_the_warehouse_names_sessions_as_the_reference_does(
    warehouse: Warehouse, first: list[tuple[str, int, str | None]], late: list[tuple[str, int, str | None]]
) -> None:
    _empty(warehouse)
    early = _events(first)
    append_events(warehouse, _table(early))
    expected = name_sessions(early, GAP)
    assert _stored(warehouse) == expected

    named = [Occurrence(e.event_id, e.visitor_id, e.occurred_at, expected[e.event_id], e.session_given) for e in early]
    added = _events(late, first=len(first))
    append_events(warehouse, _table(added))
    assert _stored(warehouse) == name_sessions(named + added, GAP)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(EVENT, min_size=1, max_size=25))
def test_sessions_do_not_depend_on_whether_they_are_derived_at_once_or_at_the_end(
    warehouse: Warehouse, rows: list[tuple[str, int, str | None]]
) -> None:
    _empty(warehouse)
    events = _events(rows)
    half = len(events) // 2
    for part in (events[:half], events[half:]):
        append_events(warehouse, _table(part), rebuild_sessions=False)
    rebuild_sessions(warehouse)
    assert _stored(warehouse) == name_sessions(events, GAP)


@pytest.mark.parametrize(
    ("count", "seconds_apart", "expected"),
    [(BOT_EVENTS, 0.5, True), (BOT_EVENTS - 1, 0.1, False), (BOT_EVENTS, 2.0, False), (1, 0.0, False)],
)
def test_many_events_in_hardly_any_time_are_a_bot_in_both(
    count: int, seconds_apart: float, expected: bool, warehouse: Warehouse
) -> None:
    events = [Occurrence(f"e{n:03d}", "a", START + timedelta(seconds=n * seconds_apart)) for n in range(count)]
    append_events(warehouse, _table(events))
    assert is_bot([event.occurred_at for event in events]) is expected
    assert read_rows(warehouse, "SELECT is_bot FROM sessions") == [(expected,)]


def test_the_warehouse_and_the_reference_agree_on_what_a_bot_is() -> None:
    assert session_derivation.BOT_EVENTS == sessions.BOT_EVENTS
    assert session_derivation.BOT_SECONDS_PER_EVENT == sessions.BOT_SECONDS_PER_EVENT
