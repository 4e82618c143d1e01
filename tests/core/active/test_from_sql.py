"""A queue from an analyst's own SQL reads the log, its labels and predictions, and nothing else."""

import time

import pytest

from core.active.query_strategies.from_sql import checked_query
from core.errors import InvalidQueueError, RefusedQueryError
from core.store.locked_queries import time_limit
from core.store.warehouse import Warehouse

FINE = (
    "SELECT session_id FROM sessions",
    "from sessions;",
    "SELECT session_id FROM sessions -- those",
    "WITH late AS (SELECT session_id FROM events WHERE price > 9) SELECT DISTINCT session_id FROM late",
    "SELECT s.session_id, i FROM sessions AS s, range(3) AS r(i) ORDER BY revenue",
    "SELECT session_id FROM (SELECT session_id FROM current_annotations UNION SELECT session_id FROM predictions)",
)
REFUSED = (
    ("", "empty"),
    ("SELECT visitor_id FROM sessions", "visitor_id, expected session_id"),
    ("SELECT session_id FROM '/etc/passwd'", "'/etc/passwd'"),
    ("SELECT (SELECT content FROM read_text('/etc/passwd')) AS session_id", "'read_text'"),
    ("WITH \"/tmp/a.csv\" AS (SELECT 1) SELECT session_id FROM '/tmp/a.csv'", "'/tmp/a.csv'"),
    ("SELECT current_setting('threads') AS session_id", "'current_setting'"),
    ("SELECT nextval('lease_sequence') AS session_id", "'nextval'"),
    ("FROM query('SELECT 1 AS session_id')", "'query'"),
    ("COPY sessions TO '/tmp/out.csv'", "'COPY sessions TO '/tmp/out.csv'' cannot be used, expected one SELECT"),
    ("SELECT count(*) AS session_id FROM sessions", "BIGINT"),
    ("SELECT 1 AS session_id; SELECT 2 AS session_id", "2 statements"),
    ("SELECT nothing AS session_id FROM sessions", "nothing"),
)


@pytest.mark.parametrize("sql", FINE)
def test_a_select_over_our_tables_may_run(sql: str, warehouse: Warehouse) -> None:
    assert checked_query(warehouse, sql)


@pytest.mark.parametrize(("sql", "words"), REFUSED)
def test_anything_else_is_refused_with_the_reason(sql: str, words: str, warehouse: Warehouse) -> None:
    with pytest.raises(InvalidQueueError) as refused:
        checked_query(warehouse, sql)
    assert words in str(refused.value)


def test_a_query_that_takes_too_long_is_given_up(warehouse: Warehouse) -> None:
    started = time.monotonic()
    with (
        warehouse.cursor() as cursor,
        pytest.raises(RefusedQueryError, match=r"0\.2 s"),
        time_limit(cursor, 0.2),
    ):
        cursor.execute("SELECT count(*) FROM range(10000000000) a(i), range(1000) b(j) WHERE i % 7 = j").fetchall()
    assert time.monotonic() - started < 10
