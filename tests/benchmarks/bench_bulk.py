"""Labeling in bulk: looking for similar sessions, a batch and its undo, and the map's layout.

Run: .venv/bin/python -m tests.benchmarks.bench_bulk [THOUSANDS OF SESSIONS] [THOUSANDS OF POINTS ON THE MAP]
Prints one Markdown table. The baselines: similarity without an index against a plain count of the same table; a batch
against as many labels given through submit_annotations in lots of 256, as the labeler sends them, measured on fewer and
scaled; the layout against a projection on two principal components, which keeps no neighbourhoods.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np

from core.active.options import ScoredModel
from core.active.similarity import Likeness, similar_sessions
from core.intents.annotations import Annotation, submit_annotations
from core.intents.bulk import Batch, Selection, apply_batch, preview_batch, undo_batch
from core.projection.layout import fit_layout, of_length_one
from core.settings import Settings
from core.store.frames import read_rows
from core.store.warehouse import Warehouse
from tests.benchmarks.bench_queues import _SESSIONS

DIMENSIONS = 128
"""Of the small model that the sample shop comes with."""
ASKED = 40
SINGLE, LOT = 5120, 256
_STATES = """
    INSERT INTO session_states
    SELECT session_id, 'm', 'e', [1.0],
        list_transform(range($size), lambda place: (hash(session_id || place) % 2000 / 1000.0 - 1)::FLOAT) FROM sessions
"""


def main(sessions: int, points: int) -> None:
    """Print the table."""
    print("| what | seconds | baseline | ratio |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="intentlens-bulk-") as folder:
        warehouse = Warehouse.open(Settings(home=Path(folder) / "home", sample_shop=False))
        warehouse.write(lambda cursor: cursor.execute(_SESSIONS, {"sessions": sessions}).fetchall())
        warehouse.write(lambda cursor: cursor.execute(_STATES, {"size": DIMENSIONS}).fetchall())
        _similarity(warehouse, sessions)
        _batches(warehouse, sessions)
        warehouse.close()
    _layout(points)


def _similarity(warehouse: Warehouse, sessions: int) -> None:
    model = ScoredModel("m", ("browse",), datetime(2026, 5, 1), Path("nowhere"))
    random = np.random.default_rng(0)
    plain = _p95(lambda: read_rows(warehouse, "SELECT count(embedding) FROM session_states WHERE model_id = 'm'"))
    for unlabeled in (False, True):
        seconds = _p95(
            lambda unlabeled=unlabeled: similar_sessions(  # type: ignore[misc]
                warehouse, model, Likeness((f"s{random.integers(sessions)}",), unlabeled=unlabeled)
            )
        )
        words = "similar sessions nobody labelled" if unlabeled else "similar sessions"
        _row(f"{words}, {sessions:,}, p95", seconds, "counting them", plain)


def _batches(warehouse: Warehouse, sessions: int) -> None:
    chosen = tuple(f"s{n}" for n in range(sessions))
    single = _seconds(lambda: _one_by_one(warehouse)) * sessions / SINGLE
    _row(f"preview of {sessions:,}", _seconds(lambda: preview_batch(warehouse, chosen, annotator="mei")))
    batch = Batch("bench", Selection("filter", chosen), "compare", "mei")
    _row(f"label {sessions:,}", _seconds(lambda: apply_batch(warehouse, batch)), "in lots of 256", single)
    _row("the same batch again", _seconds(lambda: apply_batch(warehouse, batch)))
    _row(f"undo {sessions:,}", _seconds(lambda: undo_batch(warehouse, "bench", by="mei")))


def _one_by_one(warehouse: Warehouse) -> None:
    for start in range(0, SINGLE, LOT):
        submit_annotations(warehouse, [_annotation(warehouse, f"s{n}") for n in range(start, start + LOT)])


def _annotation(warehouse: Warehouse, session_id: str) -> Annotation:
    name = f"jonas-{session_id}"
    return Annotation(name, name, "session", session_id, None, "browse", "jonas", warehouse.clock())


def _layout(points: int) -> None:
    random = np.random.default_rng(0)
    centres = random.normal(size=(7, DIMENSIONS)) * 1.5
    given = of_length_one(centres[random.integers(7, size=points)] + random.normal(size=(points, DIMENSIONS)))

    def by_components() -> None:
        _, _, axes = np.linalg.svd(given - given.mean(axis=0), full_matrices=False)
        given @ axes[:2].T

    plain = _seconds(by_components)
    seconds = _seconds(lambda: fit_layout(given, seed=0, threads=2, progress=lambda done, total: None))
    _row(f"layout of {points:,} points", seconds, "two principal components", plain)


def _p95(ask: Callable[[], object]) -> float:
    return float(np.quantile([_seconds(ask) for _ in range(ASKED)], 0.95))


def _seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _row(what: str, seconds: float, baseline: str = "", plain: float = 0.0) -> None:
    beside = f"{baseline} {plain:.3f}" if baseline else ""
    print(f"| {what} | {seconds:.3f} | {beside} | {f'{seconds / plain:.2f}' if plain else ''} |", flush=True)


if __name__ == "__main__":
    given = [1000 * int(argument) for argument in sys.argv[1:]]
    main(*(given + [100_000, 20_000][len(given) :]))
