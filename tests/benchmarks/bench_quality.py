"""Queries of the Quality page on many annotations: `python -m tests.benchmarks.bench_quality [ROWS]`."""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np

from core.intents.adjudication import list_disputes
from core.intents.agreement import cohen_kappas, krippendorff_alpha
from core.intents.annotators import annotator_work, find_flags
from core.intents.history import HistoryFilter, count_history, list_history
from core.intents.taxonomy import load_taxonomy
from core.intents.votes import read_votes
from core.settings import Settings
from core.store.warehouse import Warehouse

ROWS = 50_000
ANNOTATORS = 4
REPEATS = 5


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Warehouse.open(Settings(home=Path(folder) / "home", sample_shop=False))
        _fill(warehouse, rows)
        votes = read_votes(warehouse)
        newest, found = HistoryFilter(), HistoryFilter(annotator="a1", intent="deal")
        print(f"{rows:,} annotations by {ANNOTATORS} annotators, median of {REPEATS} runs")
        _print("history, first page", lambda: list_history(warehouse, newest))
        _print("history, last page", lambda: list_history(warehouse, newest, 50, rows - 50))
        _print(
            "history, filtered and counted", lambda: (list_history(warehouse, found), count_history(warehouse, found))
        )
        _print("history, all rows", lambda: list_history(warehouse, newest, limit=None))
        _print("votes", lambda: read_votes(warehouse))
        _print("alpha with its interval", lambda: krippendorff_alpha(votes))
        _print("kappa of every pair", lambda: cohen_kappas(votes))
        _print("disputes, first page", lambda: list_disputes(warehouse))
        _print("people and their flags", lambda: find_flags(annotator_work(warehouse), votes))
        warehouse.close()


def _fill(warehouse: Warehouse, rows: int) -> None:
    """Each session labelled by all annotators, who agree on four of five."""
    intents = [intent.id for intent in load_taxonomy(warehouse)]
    random = np.random.default_rng(0)
    truth = random.integers(0, len(intents), rows // ANNOTATORS + 1)
    said = np.where(
        random.random(rows) < 0.8, truth[np.arange(rows) // ANNOTATORS], random.integers(0, len(intents), rows)
    )

    def change(cursor: duckdb.DuckDBPyConnection) -> None:
        cursor.execute(
            """
            INSERT INTO annotations SELECT nextval('annotation_sequence'), 'a' || n, 'c' || n, 'session',
                's' || (n // $k), NULL, $intents[$said[n + 1] + 1], 'a' || (n % $k),
                TIMESTAMP '2026-05-01' + n * INTERVAL 5 SECOND, TIMESTAMP '2026-05-01', 3000 + n % 4000, 'submitted',
                NULL, NULL, NULL, 1
            FROM range($rows) AS r(n)
            """,
            {"k": ANNOTATORS, "intents": intents, "said": said.tolist(), "rows": rows},
        ).fetchall()
        cursor.execute(
            "INSERT INTO sessions SELECT DISTINCT session_id, 'v' || session_id, NULL, TIMESTAMP '2026-05-01', "
            "TIMESTAMP '2026-05-01', 3, false, false, NULL, NULL, NULL, NULL, NULL, false FROM annotations"
        ).fetchall()

    warehouse.write(change)


def _print(name: str, work: Callable[[], object]) -> None:
    took = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        took.append(time.perf_counter() - start)
    print(f"{name:32} {1000 * float(np.median(took)):8.1f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
