"""Cleaning: every row becomes an event or is kept with the reason; doing it twice changes nothing."""

import json
from datetime import datetime

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.events.cleaning import LONGEST_ID, clean_rows
from core.events.numbers import parse_numbers
from core.events.schema import EVENT_COLUMNS, EVENT_SCHEMA, EVENT_TYPES
from core.events.text import clean_text
from core.events.times import parse_time

NOW = datetime(2026, 5, 4, 12, 0)
GOOD = {"visitor_id": "v1", "occurred_at": "2026-05-04T10:00:00Z", "event_type": "view"}
ANY_VALUE = st.one_of(
    st.none(),
    st.text(max_size=30),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=4), st.integers(), max_size=2),
)
ANY_ROW = st.dictionaries(st.sampled_from([*EVENT_COLUMNS, "title", "image", "colour"]), ANY_VALUE, max_size=8)


def _cleaned(**changes: object) -> list[dict[str, object]]:
    return clean_rows([GOOD | changes], source="test", received_at=NOW).events.to_pylist()


def _reason(**changes: object) -> tuple[str, str]:
    [row] = clean_rows([GOOD | changes], source="test", received_at=NOW).rejected.to_pylist()
    return row["reason"], row["field"]


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(ANY_ROW, max_size=6))
def test_any_row_is_an_event_or_is_kept_with_a_reason(rows: list[dict[str, object]]) -> None:
    batch = clean_rows(rows, source="test", received_at=NOW)
    assert len(batch.events) + len(batch.rejected) == len(rows)
    assert batch.events.schema == EVENT_SCHEMA
    assert set(batch.events["event_type"].to_pylist()) <= set(EVENT_TYPES)
    assert all(row["reason"] and json.loads(row["raw"]) is not None for row in batch.rejected.to_pylist())
    for name in ("event_id", "visitor_id", "occurred_at", "received_at"):
        assert batch.events[name].null_count == 0


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(ANY_ROW, max_size=4))
def test_the_same_rows_again_are_the_same_events(rows: list[dict[str, object]]) -> None:
    first, second = (clean_rows(rows, source="test", received_at=NOW).events["event_id"] for _ in range(2))
    assert first.to_pylist() == second.to_pylist()


@settings(deadline=None)
@given(st.text())
def test_cleaning_a_text_twice_changes_nothing(text: str) -> None:
    once = clean_text(pa.array([text.encode("utf-8", "replace").decode()], pa.string()))
    assert clean_text(once).to_pylist() == once.to_pylist()


def test_text_is_folded_and_freed_of_control_characters() -> None:
    [event] = _cleaned(query="ｓｈｏｅｓ\u0000\u0007  ４２\u202e\n红")
    assert event["query"] == "shoes 42 红"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2026-05-04T10:00:00Z", datetime(2026, 5, 4, 10)),
        ("2026-05-04T10:00:00.123456789+08:00", datetime(2026, 5, 4, 2, 0, 0, 123456)),
        ("2026-05-04 10:00:00 UTC", datetime(2026, 5, 4, 10)),
        ("2026/05/04 10:00", datetime(2026, 5, 4, 10)),
        ("20260504", datetime(2026, 5, 4)),
        ("1541037460", datetime(2018, 11, 1, 1, 57, 40)),
        ("1541037460.5", datetime(2018, 11, 1, 1, 57, 40, 500000)),
        ("1541037460123", datetime(2018, 11, 1, 1, 57, 40, 123000)),
        ("1541037460123456", datetime(2018, 11, 1, 1, 57, 40, 123456)),
        ("2026-02-31", None),
        ("2026-13-01", None),
        ("yesterday", None),
    ],
)
def test_times_are_read_in_the_forms_logs_carry(given: str, expected: datetime | None) -> None:
    assert parse_time(given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("12", 12.0),
        ("1,299.00", 1299.0),
        ("¥ 99", 99.0),
        ("12,5", 12.5),
        ("1.299,00", 1299.0),
        ("1e3", 1000.0),
        ("inf", None),
        ("1-2", None),
        ("", None),
    ],
)
def test_numbers_are_read_as_shops_write_them(given: str, expected: float | None) -> None:
    assert parse_numbers(pa.array([given], pa.string())).to_pylist() == [expected]


@pytest.mark.parametrize(
    ("changes", "reason", "field"),
    [
        ({"visitor_id": " \t"}, "missing_visitor_id", "visitor_id"),
        ({"occurred_at": None}, "missing_time", "occurred_at"),
        ({"occurred_at": "soon"}, "unparseable_time", "occurred_at"),
        ({"occurred_at": "1970-01-01T00:00:00Z"}, "impossible_time", "occurred_at"),
        ({"occurred_at": "2099-01-01T00:00:00Z"}, "impossible_time", "occurred_at"),
        ({"event_type": None}, "missing_event_type", "event_type"),
        ({"session_id": "s" * (LONGEST_ID + 1)}, "id_too_long", "session_id"),
    ],
)
def test_a_row_that_cannot_be_an_event_says_why(changes: dict[str, object], reason: str, field: str) -> None:
    assert _reason(**changes) == (reason, field)


def test_a_signed_in_user_without_visitor_is_its_own_visitor() -> None:
    [event] = _cleaned(visitor_id=None, user_id="u7")
    assert event["visitor_id"] == "u7"


def test_an_unknown_type_is_kept_as_other_under_its_own_name() -> None:
    batch = clean_rows([GOOD | {"event_type": "Dance"}], source="test", received_at=NOW)
    assert batch.events.select(["event_type", "event_name"]).to_pylist() == [
        {"event_type": "other", "event_name": "Dance"}
    ]
    assert batch.report.unknown_types == {"Dance": 1}


def test_a_price_that_is_no_price_is_left_out_and_counted() -> None:
    batch = clean_rows([GOOD | {"price": "cheap"}, GOOD | {"price": -3}], source="test", received_at=NOW)
    assert batch.events["price"].to_pylist() == [None, None]
    assert batch.report.unreadable_numbers == {"price": 2}


def test_what_has_no_column_is_kept_in_properties() -> None:
    [event] = _cleaned(colour="red", properties={"size": 42})
    assert json.loads(str(event["properties"])) == {"size": 42, "colour": "red"}


def test_items_are_learned_with_their_latest_title() -> None:
    rows = [
        GOOD | {"item_id": "i", "title": "old", "occurred_at": "2026-05-01"},
        GOOD | {"item_id": "i", "title": "new", "occurred_at": "2026-05-03"},
    ]
    items = clean_rows(rows, source="test", received_at=NOW).items.to_pylist()
    assert [(item["item_id"], item["title"]) for item in items] == [("i", "new")]
