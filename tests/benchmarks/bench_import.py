"""Importing one million rows of CSV: time, rate and memory, beside DuckDB's own reading of the same file.

Run: .venv/bin/python -m tests.benchmarks.bench_import
Prints one Markdown table; the baseline is `CREATE TABLE AS SELECT * FROM read_csv(...)`, which maps, checks, cleans and
deduplicates nothing.
"""

import resource
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from core.settings import Settings
from core.store.import_pipeline import import_file
from core.store.warehouse import Warehouse

ROWS = 1_000_000
VISITORS = 150_000


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.csv"
        write_csv(path)
        baseline = _baseline(path)
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            lines, peak = pool.submit(_imports, path).result()
        size = path.stat().st_size / 2**20
    print("| what | seconds | rows/s | ratio |\n|---|---|---|---|")
    print(_line("DuckDB read_csv into a table", baseline, baseline))
    for what, seconds in lines:
        print(_line(what, seconds, baseline))
    print(f"\nFile {size:.0f} MB; peak memory of the importing process {peak:,.0f} MB")


def _imports(path: Path) -> tuple[list[tuple[str, float]], float]:
    """Names and seconds of a first and a second import, and the process's peak memory in MB."""
    lines: list[tuple[str, float]] = []
    warehouse = Warehouse.open(Settings(home=path.parent / "home", sample_shop=False))
    for what in ("import", "the same file again"):
        started = time.perf_counter()
        result = import_file(warehouse, path)
        lines.append((f"{what} (added {result.added:,})", time.perf_counter() - started))
    warehouse.close()
    return lines, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


def write_csv(path: Path, rows: int = ROWS) -> None:
    """A REES46-like log: seeded, sorted by time."""
    random = np.random.default_rng(3)
    at = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.sort(random.integers(0, 86_400 * 30, rows)), unit="s")
    items = random.zipf(1.3, rows) % 50_000
    visitors = random.integers(0, VISITORS, rows)
    kinds = random.choice(["view", "cart", "remove_from_cart", "purchase"], rows, p=[0.9, 0.06, 0.02, 0.02])
    pd.DataFrame(
        {
            "event_time": at.strftime("%Y-%m-%d %H:%M:%S UTC"),
            "event_type": kinds,
            "product_id": items,
            "category_id": items % 300,
            "category_code": [f"home.kind{item % 40}.part{item % 7}" for item in items],
            "brand": [f"brand{item % 90}" for item in items],
            "price": np.round(random.lognormal(3, 1, rows), 2),
            "user_id": visitors,
            "user_session": [f"{visitor}-{day}" for visitor, day in zip(visitors, at.day, strict=True)],
        }
    ).to_csv(path, index=False)


def _baseline(path: Path) -> float:
    with duckdb.connect(str(path.with_suffix(".duckdb")), config={"threads": 2}) as connection:
        started = time.perf_counter()
        connection.execute("CREATE TABLE events AS SELECT * FROM read_csv(?)", [str(path)])
        return time.perf_counter() - started


def _line(what: str, seconds: float, baseline: float) -> str:
    return f"| {what} | {seconds:.1f} | {ROWS / seconds:,.0f} | {seconds / baseline:.1f} |"


if __name__ == "__main__":
    main()
