"""SQL rules: conditions and selects, read-only and closed to files, with errors that name the part."""

import pytest

from core.errors import InvalidRuleError, RefusedQueryError
from core.store.locked_queries import check_select, locked_cursor
from core.store.warehouse import Warehouse
from core.weak.voting import votes_of
from tests.core.weak.shop import sql

CASES = [
    ("count_view > 2", {"browser"}),
    ("device = 'mobile' OR price_max >= 20", {"buyer", "browser"}),
    ("has_cart -- and a comment", {"buyer", "leaver"}),
    ("session_id LIKE 'b%';", {"buyer", "browser"}),
    ("price_max > (SELECT avg(price) FROM events)", {"browser"}),
    ("SELECT session_id FROM events WHERE query ILIKE '%cheap%'", {"hunter"}),
    ("WITH big AS (FROM events WHERE price > 15) SELECT session_id FROM big", {"browser"}),
    ("SELECT session_id FROM sessions WHERE has_purchase UNION SELECT 'nobody'", {"buyer"}),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_sql_fires_where_it_says(filled: Warehouse, text: str, expected: set[str]) -> None:
    assert set(votes_of(filled, [sql(text)])["session_id"]) == expected


@pytest.mark.parametrize(
    ("text", "part"),
    [
        (" ; ", "no SQL"),
        ("count_view >", "It stops at its end"),
        ("count_view > 1 GROUP", "It stops at 'GROUP"),
        ("moon > 3", "'moon' is nothing known"),
        ("has_cart) AS a, (has_purchase", "no single condition"),
        ("true; DROP TABLE events", "syntax error"),
        ("SELECT session_id FROM events; SELECT 1", "There are 2 statements"),
        ("SELECT session_id FROM annotations", "The table 'annotations' may not be read"),
        ("SELECT session_id FROM main.events", "The table 'main.events' may not be read"),
        ("SELECT session_id FROM duckdb_settings()", "'duckdb_settings' may not be read from"),
        ("SELECT content FROM read_text('/etc/passwd')", "'read_text' may not be read from"),
        ("SELECT * FROM '/etc/passwd'", "The table '/etc/passwd' may not be read"),
        ("session_id IN (SELECT column0 FROM read_csv('/etc/passwd'))", "'read_csv' may not be read from"),
        ("getenv('HOME') = ''", "The function 'getenv'"),
        ("nextval('annotation_sequence') > 0", "The function 'nextval'"),
        ("random() > 0.5", "The function 'random'"),
        ("SELECT session_id FROM (SHOW TABLES)", "may not read from SHOW_REF"),
        ("count_view > ?", "may not hold a '?'"),
        ("SELECT session_id, price FROM events", "2 columns"),
        ("SELECT session_id FROM events WHERE moon", "moon"),
    ],
)
def test_what_may_not_be_read_is_named(filled: Warehouse, text: str, part: str) -> None:
    with pytest.raises(InvalidRuleError) as raised:
        votes_of(filled, [sql(text)])
    assert part in str(raised.value)


@pytest.mark.parametrize(
    "text",
    ["DROP TABLE events", "INSERT INTO items VALUES (1)", "COPY events TO 'x.csv'", "PRAGMA version", "ATTACH 'x'"],
)
def test_only_a_select_is_a_query(filled: Warehouse, text: str) -> None:
    with pytest.raises(RefusedQueryError):
        check_select(filled, text)


def test_a_locked_cursor_cannot_write(filled: Warehouse) -> None:
    with pytest.raises(RefusedQueryError, match="read-only"), locked_cursor(filled) as cursor:
        cursor.execute("DELETE FROM events")


def test_a_query_that_takes_too_long_is_stopped(filled: Warehouse) -> None:
    with pytest.raises(RefusedQueryError, match="longer than"), locked_cursor(filled, 0.2) as cursor:
        cursor.execute("SELECT count(*) FROM range(1000000) AS a, range(1000000) AS b WHERE hash(a, b) = 1").fetchall()
    with locked_cursor(filled) as cursor:
        assert cursor.execute("SELECT 1").fetchall() == [(1,)]


def test_of_several_rules_the_failing_one_is_named(filled: Warehouse) -> None:
    rules = [sql("has_cart", name="Fine"), sql("CAST(first_query AS INTEGER) > 3", name="Broken")]
    with pytest.raises(InvalidRuleError, match="'Broken' fails on the log"):
        votes_of(filled, rules)
