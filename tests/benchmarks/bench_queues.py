"""Label queues: the time to hand out ten cards' sessions, by strategy, from a large pool.

Run: .venv/bin/python -m tests.benchmarks.bench_queues [THOUSANDS OF SESSIONS ...]
Prints one Markdown table a size. The baseline is the random queue on the same pool, which ranks nothing. The target is
that of a page that feels immediate: 300 ms for 100,000 sessions.
"""

import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

import numpy as np

from core.active.handing_out import hand_out
from core.active.options import QueueOptions, ScoredModel
from core.active.query_strategies.registry import STRATEGIES
from core.intents.editing import Retire
from core.intents.taxonomy import load_taxonomy
from core.intents.versions import edit_taxonomy
from core.settings import Settings
from core.store.session_queries import SessionFilter
from core.store.warehouse import Warehouse

INTENTS = ("browse", "search", "compare", "purchase", "deal", "support")
CARDS = 10
REPEATS = 7
LABELS = 5000
DIMENSIONS = 64
AT = "TIMESTAMP '2026-05-04'"
_SESSIONS = f"""
    INSERT INTO sessions
    SELECT 's' || i, 'v' || (i // 4), NULL, {AT} + to_minutes((i * 40000 // $sessions)::BIGINT),
        {AT} + to_minutes((i * 40000 // $sessions + 9)::BIGINT), (2 + hash(i) % 30)::BIGINT, hash(i + 1) % 5 = 0,
        hash(i + 2) % 20 = 0, NULL, NULL, ['phone', 'desktop'][(1 + hash(i + 3) % 2)::BIGINT],
        ['direct', 'search', 'mail'][(1 + hash(i + 4) % 3)::BIGINT], 'DE', false
    FROM range($sessions) t(i)
"""
_EVENTS = f"""
    INSERT INTO events (event_id, occurred_at, received_at, visitor_id, session_id, session_given, event_type)
    SELECT 'e' || i, {AT}, {AT}, 'v' || (i // 20), 's' || (i // 5), false,
        ['view_list', 'view', 'search', 'click', 'add_to_cart'][(1 + hash(i) % 5)::BIGINT]
    FROM range(5 * $sessions) t(i)
"""
_STATES = """
    INSERT INTO session_states
    SELECT session_id, $model, 'e', list_transform(raw, lambda one: (one / list_sum(raw))::FLOAT),
        list_transform(range($size), lambda place: (hash(session_id || place || $model) % 2000 / 1000.0 - 1)::FLOAT)
    FROM (SELECT session_id, list_transform(range(6), lambda place:
            1 + (hash(session_id || $model || place) % 1000)::DOUBLE) AS raw FROM sessions)
"""
_KINDS = """
    INSERT INTO session_kinds
    SELECT session_id, hash(session_id) % 6, (hash(session_id || 'sure') % 1000 / 1000.0)::FLOAT FROM sessions
"""
_LABELS = f"""
    INSERT INTO annotations
    SELECT nextval('annotation_sequence'), 'a' || i, 'a' || i, 'session', 's' || (i * 7), NULL,
        CASE WHEN i % 10 = 0 THEN 'other' ELSE 'browse' END, 'bench',
        {AT}, {AT}, 900, 'submitted', NULL, NULL, NULL, 1 FROM range($labels) t(i)
"""


def main(sizes: list[int]) -> None:
    """Print a table for each size."""
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="intentlens-queues-") as folder:
            warehouse = Warehouse.open(Settings(home=Path(folder) / "home", sample_shop=False))
            models = _fill(warehouse, size)
            _measure(warehouse, models, size)
            warehouse.close()


def _fill(warehouse: Warehouse, sessions: int) -> tuple[ScoredModel, ...]:
    load_taxonomy(warehouse)
    edit_taxonomy(warehouse, [Retire("other")], author="bench")
    warehouse.write(lambda cursor: cursor.execute(_SESSIONS, {"sessions": sessions}).fetchall())
    warehouse.write(lambda cursor: cursor.execute(_EVENTS, {"sessions": sessions}).fetchall())
    warehouse.write(lambda cursor: cursor.execute(_LABELS, {"labels": min(LABELS, sessions // 10)}).fetchall())
    warehouse.write(lambda cursor: cursor.execute(_KINDS).fetchall())
    names = ("m1", "m2")
    for name in names:
        values = {"model": name, "size": DIMENSIONS}
        warehouse.write(lambda cursor, values=values: cursor.execute(_STATES, values).fetchall())  # type: ignore[misc]
    return tuple(ScoredModel(name, INTENTS, datetime(2026, 5, 1), Path("nowhere")) for name in names)


def _measure(warehouse: Warehouse, models: tuple[ScoredModel, ...], sessions: int) -> None:
    print(f"\n{sessions:,} sessions\n\n| queue | p50 | worst | against random |\n|---|---|---|---|")
    plain = 0.0
    for name in STRATEGIES:
        options = QueueOptions(
            name, sql="SELECT session_id FROM sessions WHERE has_cart", filter=SessionFilter(min_events=10)
        )
        seconds = [_once(warehouse, options, models, f"{name}-{number}") for number in range(REPEATS)]
        middle = float(np.median(seconds))
        plain = plain or middle
        print(f"| {name} | {middle * 1000:.0f} ms | {max(seconds) * 1000:.0f} ms | {middle / plain:.1f} |", flush=True)


def _once(warehouse: Warehouse, options: QueueOptions, models: tuple[ScoredModel, ...], annotator: str) -> float:
    started = time.perf_counter()
    handed = hand_out(warehouse, options, annotator=annotator, wanted=CARDS, models=models)
    seconds = time.perf_counter() - started
    if len(handed) != CARDS:
        raise RuntimeError(f"'{options.queue}' handed out {len(handed)} sessions, expected {CARDS}.")
    return seconds


if __name__ == "__main__":
    main([1000 * int(argument) for argument in sys.argv[1:]] or [100_000, 1_000_000])
