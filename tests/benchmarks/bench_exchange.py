"""Labels out and in: every format of the registry, against DuckDB copying the same rows.

Run: .venv/bin/python -m tests.benchmarks.bench_exchange [ANNOTATIONS]
Prints one Markdown table. The shop has four events a session, and a label on each session or on an event of it. The
baseline of an export is DuckDB's COPY of the joined labels and events as JSON, of an import its copy of the plain rows.
Peak memory is how much Python's own objects grew by at most (tracemalloc, in a second run that is not timed).
"""

import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

from core.intents.exchange import FORMATS, export_annotations, import_annotations
from core.intents.exchange.registry import EXPORTED, IMPORTED
from core.intents.taxonomy import load_taxonomy
from core.settings import Settings
from core.store.ingest_queries import rebuild_sessions
from core.store.warehouse import Warehouse

EVENTS_A_SESSION = 4
_EVENTS = """
    INSERT INTO events (event_id, occurred_at, received_at, visitor_id, session_id, event_type, query, item_id, price,
        currency, session_given)
    SELECT 'e' || i, at_time, at_time, 'v' || (i // 40), 's' || (i // 4), 'view', 'walking shoes 登山鞋 ' || (i % 97),
        'item-' || (i % 5000), (i % 9000) / 100, 'EUR', true
    FROM (SELECT i, TIMESTAMP '2026-01-01' + to_seconds(i * 7) AS at_time FROM range($events) t(i))
"""
_LABELS = """
    INSERT INTO annotations
    SELECT nextval('annotation_sequence'), 'a' || i, 'c' || i, CASE WHEN i % 2 = 0 THEN 'session' ELSE 'event' END,
        's' || i, CASE WHEN i % 2 = 0 THEN NULL ELSE 'e' || (i * 4 + 1) END,
        ['browse', 'search', 'compare', 'purchase', 'deal', 'support', 'other'][i % 7 + 1], 'person ' || (i % 5),
        TIMESTAMP '2026-05-04' + to_seconds(i), TIMESTAMP '2026-05-04', 900, 'submitted',
        CASE WHEN i % 10 = 0 THEN 'a note, 备注' END, NULL, NULL, 1
    FROM range($labels) t(i)
"""
_COPY = """
    COPY (SELECT a.*, list(e.query ORDER BY e.occurred_at) AS queries, list(e.event_id ORDER BY e.occurred_at) AS ids
          FROM current_annotations AS a JOIN events AS e USING (session_id) GROUP BY ALL) TO '{path}' (FORMAT json)
"""


def main(labels: int) -> None:
    """Print the table."""
    print("| what | seconds | baseline | ratio | peak memory | target |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="intentlens-exchange-") as folder:
        shop = _shop(Path(folder) / "shop", labels)
        shop.write(lambda cursor: cursor.execute(_LABELS, {"labels": labels}).fetchall())
        copied = _once(lambda: _copy(shop, Path(folder) / "plain.json"))
        for name in EXPORTED:
            _export(shop, Path(folder) / f"{name}{FORMATS[name].ending}", name, labels, copied)
        inserted = _once(lambda: shop.write(lambda cursor: cursor.execute(_COPIED_ROWS).fetchall()))
        shop.close()
        for name in IMPORTED:
            empty = _shop(Path(folder) / f"into-{name}", labels)
            path = Path(folder) / f"{name}{FORMATS[name].ending}"
            seconds = _once(lambda empty=empty, path=path, name=name: _imported(empty, path, name, labels))  # type: ignore[misc]
            _row(f"{labels:,} labels in ({name})", seconds, inserted, "", "")
            empty.close()


_COPIED_ROWS = "CREATE OR REPLACE TABLE copied_annotations AS FROM annotations"


def _export(shop: Warehouse, path: Path, name: str, labels: int, copied: float) -> None:
    seconds = _once(lambda: export_annotations(shop, path, name))
    tracemalloc.start()
    export_annotations(shop, path, name)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    _row(f"{labels:,} labels out ({name})", seconds, copied, f"{peak / 2**20:.0f} MiB", "50,000: 2 s")


def _shop(home: Path, labels: int) -> Warehouse:
    warehouse = Warehouse.open(Settings(home=home, sample_shop=False))
    load_taxonomy(warehouse)
    warehouse.write(lambda cursor: cursor.execute(_EVENTS, {"events": labels * EVENTS_A_SESSION}).fetchall())
    rebuild_sessions(warehouse)
    return warehouse


def _copy(warehouse: Warehouse, path: Path) -> None:
    with warehouse.cursor() as cursor:
        cursor.execute(_COPY.format(path=path)).fetchall()


def _imported(warehouse: Warehouse, path: Path, name: str, labels: int) -> None:
    done = import_annotations(warehouse, path, format=name)
    assert (done.added, done.rejected) == (labels, [])


def _once(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _row(what: str, seconds: float, baseline: float, memory: str, target: str) -> None:
    print(f"| {what} | {seconds:.2f} | {baseline:.2f} | {seconds / baseline:.1f} | {memory} | {target} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
