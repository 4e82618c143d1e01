"""Few rows are cleaned value by value, many by columns: nobody can tell which it was."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.collect.dialects import CANONICAL, GA4, POSTHOG, SEGMENT, Dialect
from core.events.cleaning import LONGEST_ID, RAW_COLUMNS, clean_rows
from core.events.event_types import ALIASES
from core.events.few_rows import clean_few

NOW = datetime(2026, 5, 4, 12, 0)
GOOD = {"visitor_id": "v1", "occurred_at": "2026-05-04T10:00:00Z", "event_type": "view"}
ODD_TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", " ", "  a  b ", "a\tb", "\u200b", "ＡＢＣ１２", "鞋子　红色", "e\u0301", "\ud83d", "\x00", "a\u00a0", "①"]
    ),
    st.integers(LONGEST_ID - 2, LONGEST_ID + 2).map(lambda length: "x" * length),
)
TYPES = st.sampled_from([*ALIASES, "view", "Add_To-Cart", "other", "Dance", "PURCHASE", " pv "])
NUMBERS = st.one_of(
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.sampled_from(
        ["1,299.00", "¥ 99", "12,5", "1.299,00", "-3", "1e5", ".5", "7.", "0", "", "cheap", "1" * 20, "２", "1\n"]
    ),
)
TIMES = st.one_of(
    st.datetimes(datetime(1990, 1, 1), datetime(2030, 1, 1)).map(datetime.isoformat),
    st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)).map(lambda at: at.isoformat() + "+05:30"),
    st.timedeltas(timedelta(days=-2), timedelta(days=2)).map(lambda shift: NOW + shift),
    st.integers(-(10**19), 10**19),
    st.sampled_from([1777888800, 1777888800000, 1777888800.25, "2026-02-31", "2026-02-31T10:00:00Z", "0000-01-01"]),
    st.sampled_from(["2026/05/04 10:00", "20260504", " 2026-05-04T10:00:00Z ", "now", "", "2026-05-04T24:00:00Z"]),
    st.sampled_from(["2026-05-04T10:00:00+99:99", "0001-01-01T00:00:00+10:00", "9999-12-31T23:59:59-10:00"]),
)
PROPERTIES = st.one_of(
    st.sampled_from(['{"a": 1}', "[1]", "plain", "", "  ", "NaN", '{"a": NaN}']),
    st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=3) | st.none(), max_size=2),
    st.lists(st.integers(), max_size=2),
)
ANYTHING = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), ODD_TEXTS, PROPERTIES)


def _value_of(name: str) -> st.SearchStrategy[Any]:
    fitting = {"event_type": TYPES, "event_name": TYPES, "properties": PROPERTIES}
    fitting |= dict.fromkeys(("price", "quantity", "position"), NUMBERS)
    fitting |= dict.fromkeys(("occurred_at", "received_at"), TIMES)
    fitting |= dict.fromkeys(("item_id", "visitor_id"), st.sampled_from(["a", "b", "ｂ", "鞋"]))
    return fitting.get(name, ODD_TEXTS) | ANYTHING


COLUMNS = {name: _value_of(name) for name in (*RAW_COLUMNS, "colour")}
ANY_ROW = st.fixed_dictionaries({}, optional=COLUMNS) | st.fixed_dictionaries({}, optional=COLUMNS).map(
    lambda row: GOOD | row
)
JSON = st.recursive(
    ANYTHING, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
)
MESSAGES: dict[Dialect, dict[str, Any]] = {
    SEGMENT: {"type": "track", "event": "Product Viewed", "anonymousId": "v"},
    POSTHOG: {"event": "Product Viewed", "distinct_id": "v", "timestamp": "2026-05-04T09:00:00Z"},
    GA4: {"name": "view_item", "client_id": "v"},
    CANONICAL: GOOD,
}
MORE = st.fixed_dictionaries(
    {},
    optional={
        "properties": st.dictionaries(
            st.sampled_from(["product_id", "name", "price", "brand", "products", "query", "quantity"]), JSON, max_size=4
        ),
        "params": st.dictionaries(st.sampled_from(["items", "search_term", "value", "session_id"]), JSON, max_size=4),
        "timestamp": TIMES.map(str),
        "sentAt": TIMES.map(str),
        "timestamp_micros": st.integers(0, 10**18),
        "messageId": ODD_TEXTS,
        "context": JSON,
    },
)


def _assert_same(rows: Sequence[dict[str, Any]]) -> None:
    try:
        by_columns = clean_rows(rows, source="test", received_at=NOW)
    except Exception as error:
        with pytest.raises(type(error)):
            clean_few(rows, source="test", received_at=NOW)
        return
    by_values = clean_few(rows, source="test", received_at=NOW)
    for name in ("events", "rejected", "items"):
        ours, theirs = getattr(by_values, name), getattr(by_columns, name)
        assert ours.schema == theirs.schema
        assert ours.equals(theirs), name
    assert by_values.report == by_columns.report


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None, max_examples=300)
@given(st.lists(ANY_ROW, max_size=5))
def test_few_rows_become_what_many_become(rows: list[dict[str, Any]]) -> None:
    _assert_same(rows)


@pytest.mark.parametrize("dialect", MESSAGES, ids=lambda dialect: dialect.name)
def test_messages_of_every_dialect_become_the_same_rows(dialect: Dialect) -> None:
    @settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None, max_examples=60)
    @given(st.lists(MORE, min_size=1, max_size=3), st.none() | st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)))
    def check(more: list[dict[str, Any]], sent_at: datetime | None) -> None:
        rows: list[dict[str, Any]] = []
        for message in more:
            try:
                rows += dialect.rows(MESSAGES[dialect] | message, NOW, sent_at)
            except (ValueError, TypeError, AttributeError):  # the collector checks messages before
                continue
        _assert_same(rows)

    check()


def test_no_rows_are_no_rows() -> None:
    _assert_same([])
