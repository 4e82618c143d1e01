"""Rules over a large log: 20 rules on a million sessions beside the least that reading the log costs.

Run: .venv/bin/python -m tests.benchmarks.bench_rules [--sessions 1000000] [--threads 2]
Prints a Markdown table. The log is made in DuckDB: 4 to 12 events a session, typed, priced and searched about like the
sample shop's. The baseline counts the events of each session (count(*) GROUP BY session_id): what any pass over the
log costs. The rules are the twelve starter rules, three in SQL and five Python expressions.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click

from core.intents.taxonomy import load_taxonomy
from core.settings import Settings
from core.store.warehouse import Warehouse
from core.weak.analysis import coverage, rule_figures
from core.weak.fitting import fit_rules, rule_patterns
from core.weak.labeling_function import LabelingFunction
from core.weak.starter import starter_rules
from core.weak.voting import votes_of

ROUNDS = 3
_PYTHON = (
    ("browse", "minutes > 20 and count('search') == 0"),
    ("compare", "count('view') >= 4 and price_max / price_min < 2"),
    ("purchase", "before('view_cart', 'checkout') or (has_cart and events < 6)"),
    ("deal", "price_max < 30 and last_type in ('coupon', 'promo_click')"),
    ("support", "first_type == 'message' and not has_cart"),
)
_SQL = (
    ("search", "count_search >= 1 AND device = 'mobile' AND first_query LIKE '%shoe%'"),
    ("deal", "session_id IN (SELECT session_id FROM events WHERE event_type = 'coupon')"),
    ("browse", "SELECT session_id FROM sessions WHERE event_count >= 8 AND NOT has_cart"),
)
_EVENTS = """
    INSERT INTO events BY NAME
    WITH made AS (
        SELECT s, n, (hash(s * 31 + n) >> 2)::BIGINT AS h FROM range(?) AS sessions(s), range(12) AS places(n)
        WHERE n < 4 + hash(s) % 9
    )
    SELECT printf('e%d-%d', s, n) AS event_id, TIMESTAMP '2026-01-01' + to_seconds(s * 37 % 7776000 + n * 45)
            + to_seconds(h % 40) AS occurred_at,
        occurred_at AS received_at, printf('v%d', s // 3) AS visitor_id, printf('s%d', s) AS session_id,
        ['view', 'view_list', 'view', 'click', 'search', 'view', 'promo_view', 'page', 'filter_list', 'view_list',
         'message', 'review', 'add_to_cart', 'view_cart', 'checkout', 'coupon'][
            least(h % 16 + 1, CASE WHEN h // 16 % 3 = 0 THEN 16 ELSE 10 END)] AS event_type,
        CASE WHEN event_type IN ('view', 'click', 'add_to_cart', 'review') THEN printf('i%d', h // 64 % 4000) END
            AS item_id,
        CASE WHEN event_type = 'search' THEN ['running shoe', 'cheap mug', '退货', 'lamp', 'tea'][h // 64 % 5 + 1] END
            AS query,
        CASE WHEN event_type = 'message' THEN 'where is my order' END AS text,
        CASE WHEN item_id IS NOT NULL THEN printf('c%d', h // 64 % 40) END AS category,
        CASE WHEN item_id IS NOT NULL THEN 5 + h // 64 % 4000 / 20 END AS price,
        ['mobile', 'desktop', 'tablet'][(hash(s) % 3 + 1)::INTEGER] AS device, true AS session_given
    FROM made ORDER BY s, n
"""
_SESSIONS = """
    INSERT INTO sessions
    SELECT session_id, any_value(visitor_id), NULL, min(occurred_at), max(occurred_at), count(*),
        bool_or(event_type = 'add_to_cart'), false, NULL, min(query), any_value(device), NULL, NULL, false
    FROM events GROUP BY session_id
"""
_BASELINE = "SELECT sum(n) FROM (SELECT session_id, count(*) AS n FROM events GROUP BY session_id)"


def make_log(warehouse: Warehouse, sessions: int) -> int:
    """Fill the warehouse; returns the number of events. Keys are left out: they cost a minute and serve no rule."""

    steps: tuple[tuple[str, list[int]], ...] = (
        ("DROP INDEX events_by_visitor", []),
        ("CREATE OR REPLACE TABLE events AS FROM events WHERE false", []),
        (_EVENTS, [sessions]),
        (_SESSIONS, []),
    )
    for statement, parameters in steps:  # a transaction each
        warehouse.write(lambda cursor, s=statement, p=parameters: cursor.execute(s, p).fetchall())
    with warehouse.cursor() as cursor:
        return int(cursor.execute("SELECT count(*) FROM events").fetchall()[0][0])


def twenty_rules(warehouse: Warehouse) -> list[LabelingFunction]:
    """The starter rules and eight more."""
    rules = starter_rules(tuple(intent.id for intent in load_taxonomy(warehouse)))
    rules += [LabelingFunction(f"p{n}", f"p{n}", i, "python", {"expression": e}) for n, (i, e) in enumerate(_PYTHON)]
    return rules + [LabelingFunction(f"q{n}", f"q{n}", i, "sql", {"sql": e}) for n, (i, e) in enumerate(_SQL)]


def least_s(work: Callable[[], object]) -> float:
    """The shortest of some runs."""
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)


@click.command()
@click.option("--sessions", default=1_000_000, show_default=True)
@click.option("--threads", default=2, show_default=True)
def main(sessions: int, threads: int) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as place:
        settings = Settings(home=Path(place) / "home", sample_shop=False, threads=threads, memory_limit_mb=4096)
        warehouse = Warehouse.open(settings)
        events = make_log(warehouse, sessions)
        rules = twenty_rules(warehouse)

        def count() -> object:
            with warehouse.cursor() as cursor:
                return cursor.execute(_BASELINE).fetchall()

        patterns = rule_patterns(warehouse, rules)
        fit_rules(warehouse, patterns)
        rows = {
            "count(*) GROUP BY session_id (baseline)": least_s(count),
            f"{len(rules)} rules: votes by pattern": least_s(lambda: rule_patterns(warehouse, rules)),
            f"{len(rules)} rules: the votes of every session": least_s(lambda: votes_of(warehouse, rules)),
            "one rule alone (live preview)": least_s(lambda: votes_of(warehouse, rules[:1])),
            "figures of every rule": least_s(lambda: rule_figures(patterns)),
            "label model": least_s(lambda: fit_rules(warehouse, patterns)),
        }
        print(
            f"{sessions:,} sessions, {events:,} events, {threads} threads; {len(patterns.fires):,} patterns of votes, "
            f"{coverage(patterns):.0%} of sessions covered\n"
        )
        print("| | seconds | of the baseline |\n|---|---|---|")
        for name, seconds in rows.items():
            print(f"| {name} | {seconds:.2f} | {seconds / rows['count(*) GROUP BY session_id (baseline)']:.1f} |")
        warehouse.close()


if __name__ == "__main__":
    main()
