"""The warehouse: labels and events made durable, a visitor's timeline, and sessions (labels out: bench_exchange).

Run: .venv/bin/python -m tests.benchmarks.bench_store [MILLIONS OF EVENTS]
Prints one Markdown table. The baseline of each row is DuckDB alone doing the plain part of the same: inserting the same
rows and committing, reading the same rows by an unindexed filter. The last column is the target of the design, where
there is one.
"""

import json
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from core.clock import utc_now
from core.events.schema import EVENT_SCHEMA
from core.intents.annotations import Annotation, submit_annotations
from core.settings import Settings
from core.store.event_queries import visitor_events
from core.store.ingest_queries import append_events, rebuild_sessions
from core.store.warehouse import Warehouse
from tests.browser.server import Server

EVENTS_A_VISITOR = 50
SINGLES = 200
_FILL = """
    INSERT INTO events (event_id, occurred_at, received_at, visitor_id, event_type, item_id, session_given)
    SELECT 'e' || i, day, day, 'v' || (hash(i) % $visitors), 'view', 'i' || (hash(i + 7) % 5000), false
    FROM (SELECT i, TIMESTAMP '2026-01-01' + to_microseconds(i * 2592000000000 // $events) AS day
          FROM range($events) t(i))
"""


def main(millions: float) -> None:
    """Print the table."""
    print("| what | p50 | p95 | baseline p50 | ratio | target |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="intentlens-store-") as folder:
        warehouse = Warehouse.open(Settings(home=Path(folder) / "home", sample_shop=False))
        plain = duckdb.connect(str(Path(folder) / "plain.duckdb"), config={"threads": 2})
        _fill(warehouse, plain, round(millions * 1e6))
        _measure_store(warehouse, plain, millions)
        warehouse.close()
        plain.close()
        _measure_http(Path(folder) / "served")


def _measure_store(warehouse: Warehouse, plain: duckdb.DuckDBPyConnection, millions: float) -> None:
    visitors = max(1, round(millions * 1e6) // EVENTS_A_VISITOR)
    started = time.perf_counter()
    rebuild_sessions(warehouse)
    derived = time.perf_counter() - started
    numbered = _once(lambda: plain.execute(_SESSION_NUMBERS).fetchall())
    _row(f"sessions of {millions:g} M events", [derived], [numbered], "10 M: 6 s")
    ids = iter([f"v{n}" for n in np.random.default_rng(3).integers(0, visitors, 200)])
    timeline = _times(50, lambda n: visitor_events(warehouse, next(ids)))
    filtered = _times(20, lambda n: plain.execute(_BY_VISITOR, [next(ids)]).fetchall())
    _row(f"a visitor's timeline of {millions:g} M events", timeline, filtered, "10 M: p95 100 ms")
    rows = [_event_table(n, visitors, 1) for n in range(2 * SINGLES)]
    single = _times(SINGLES, lambda n: append_events(warehouse, rows[n]))
    inserted = _times(SINGLES, lambda n: _insert(plain, rows[SINGLES + n]))
    _row("one event appended, its session derived", single, inserted, "")
    batches = [_event_table(1_000_000 + 100 * n, visitors, 100) for n in range(60)]
    batch = _times(30, lambda n: append_events(warehouse, batches[n]))
    inserted = _times(30, lambda n: _insert(plain, batches[30 + n]))
    _row("100 events appended in one batch", batch, inserted, "")
    _measure_labels(warehouse, plain)


def _measure_labels(warehouse: Warehouse, plain: duckdb.DuckDBPyConnection) -> None:
    plain.execute("CREATE TABLE labels (client_id VARCHAR PRIMARY KEY, session_id VARCHAR, intent VARCHAR)")
    labelled = _times(SINGLES, lambda n: submit_annotations(warehouse, [_annotation(n)]))
    inserted = _times(
        SINGLES, lambda n: plain.execute("INSERT INTO labels VALUES (?, ?, ?)", [f"c{n}", f"s{n}", "browse"]).fetchall()
    )
    _row("a label acknowledged durable", labelled, inserted, "p95 150 ms")


def _measure_http(home: Path) -> None:
    """Batches of 100 and single messages by one client, each answered after its commit; the baseline is /healthz."""
    server = Server(home, sample_shop=False).start()
    try:
        health = _times(50, lambda n: urllib.request.urlopen(server.url + "/healthz").read())
        batches = _times(
            40, lambda n: _post(server, "/v1/batch", {"batch": [_message(100 * n + k) for k in range(100)]})
        )
        _row("POST /v1/batch of 100", batches, health, "10,000 events/s")
        singles = _times(100, lambda n: _post(server, "/v1/track", _message(1_000_000 + n)))
        _row("POST /v1/track", singles, health, "")
        print(f"\nOne client's rate by batches of 100: {100 * len(batches) / sum(batches):,.0f} events/s")
    finally:
        server.stop()


_BY_VISITOR = "SELECT * FROM events WHERE visitor_id = ? ORDER BY occurred_at, event_id"
_SESSION_NUMBERS = """
    CREATE TABLE numbered AS
    SELECT event_id, sum(fresh) OVER (PARTITION BY visitor_id ORDER BY occurred_at ROWS UNBOUNDED PRECEDING) AS number
    FROM (SELECT *, CASE WHEN occurred_at - lag(occurred_at) OVER (PARTITION BY visitor_id ORDER BY occurred_at)
              <= INTERVAL 30 MINUTE THEN 0 ELSE 1 END AS fresh FROM events)
"""


def _fill(warehouse: Warehouse, plain: duckdb.DuckDBPyConnection, events: int) -> None:
    parameters = {"events": events, "visitors": max(1, events // EVENTS_A_VISITOR)}
    warehouse.write(lambda cursor: cursor.execute(_FILL, parameters).fetchall())
    with warehouse.cursor() as cursor:
        ddl = cursor.execute("SELECT sql FROM duckdb_tables() WHERE table_name = 'events'").fetchall()[0][0]
    plain.execute(ddl)
    plain.execute(_FILL, parameters)


def _event_table(first: int, visitors: int, count: int) -> pa.Table:
    now = utc_now()
    rows = [
        {
            "event_id": f"new{n}",
            "occurred_at": now,
            "received_at": now,
            "visitor_id": f"v{n * 7919 % visitors}",
            "event_type": "view",
            "item_id": f"i{n % 100}",
        }
        for n in range(first, first + count)
    ]
    return pa.Table.from_pylist(rows, schema=EVENT_SCHEMA)


def _insert(plain: duckdb.DuckDBPyConnection, rows: pa.Table) -> None:
    plain.register("rows", rows)
    plain.execute("INSERT INTO events BY NAME SELECT *, false AS session_given FROM rows").fetchall()
    plain.unregister("rows")


def _annotation(number: int) -> Annotation:
    first = Annotation("", "", "session", f"s{number}", None, "browse", "bench", utc_now())
    return replace(first, annotation_id=f"c{number}", client_id=f"c{number}")


def _message(number: int) -> dict[str, object]:
    return {
        "type": "track",
        "event": "Product Viewed",
        "messageId": f"m{number}",
        "anonymousId": f"v{number * 7919 % 500}",
        "properties": {"product_id": f"i{number % 100}", "name": "Lamp", "price": 19.5},
    }


def _post(server: Server, path: str, body: object) -> None:
    request = urllib.request.Request(
        server.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request) as response:
        response.read()


def _times(count: int, act: Callable[[int], object]) -> list[float]:
    return [_once(lambda number=number: act(number)) for number in range(count)]  # type: ignore[misc]


def _once(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _row(what: str, seconds: list[float], baseline: list[float], target: str) -> None:
    middle, plain = float(np.median(seconds)), float(np.median(baseline))
    p95 = _shown(float(np.quantile(seconds, 0.95))) if len(seconds) > 1 else ""
    print(f"| {what} | {_shown(middle)} | {p95} | {_shown(plain)} | {middle / plain:.1f} | {target} |", flush=True)


def _shown(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 3)
