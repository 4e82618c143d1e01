"""Time of what-if edits, the smallest change, words and regions on the sample shop's model.

Run: .venv/bin/python -m tests.benchmarks.bench_what_if
Prints two Markdown tables. The baseline of an edit is a full re-score of the visitor by batch scoring; of the search,
scoring each variant by itself.
"""

import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import torch

from core.errors import NotFoundError
from core.explain.candidates import possible_changes
from core.explain.contrast import explain_contrast
from core.explain.counterfactual import find_smallest_change
from core.explain.edits import Edit, Move, Remove, changed
from core.explain.regions import explain_regions
from core.explain.what_if import WhatIf
from core.explain.words import explain_words
from core.model.scorer import SessionScorer
from core.settings import Settings
from core.store.habit_queries import shop_habits
from core.store.ingest_queries import append_events, rebuild_sessions
from core.store.warehouse import Warehouse

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data"
EVENTS = 50
ROUNDS = int(os.environ.get("ROUNDS", "40"))
SEARCHES = min(8, ROUNDS)


def main() -> None:
    """Edit, search, and look into sessions of a fixed length."""
    torch.set_num_threads(2)
    scorer = SessionScorer.load(SAMPLE / "model" / "finetuned")
    events, items = pd.read_parquet(SAMPLE / "events.parquet"), pd.read_parquet(SAMPLE / "items.parquet")
    with TemporaryDirectory() as folder:
        media = _pictures(Path(folder))
        _print_edits(scorer, _streams(events, EVENTS), items, media)
        habits = _habits(Path(folder), events)
        names = (
            "events",
            "candidates",
            "search p50 s",
            "p95 s",
            "tried p50",
            "found",
            "shown smallest",
            "ms each",
            "ratio",
        )
        print(f"\n| {' | '.join(names)} |\n|{'---|' * len(names)}")
        for length in (20, 50):
            print(_search_row(scorer, _streams(events, length), items, media, habits, length))


def _streams(events: pd.DataFrame, length: int) -> list[pd.DataFrame]:
    """Streams of exactly so many events of one session, cut and joined from long visitors' streams."""
    ordered = events.sort_values(["visitor_id", "occurred_at", "event_id"])
    chosen = [frame.head(length) for _, frame in ordered.groupby("visitor_id") if len(frame) >= length]
    return [frame.assign(session_id="one", session_given=True)[events.columns] for frame in chosen[: ROUNDS + 1]]


def _pictures(folder: Path) -> Path:
    pictures = pd.read_parquet(SAMPLE / "pictures.parquet")
    for name, content in zip(pictures.iloc[:, 0], pictures.iloc[:, 1], strict=True):
        (folder / str(name)).write_bytes(content)
    return folder


def _habits(folder: Path, events: pd.DataFrame):
    import pyarrow as pa

    from core.events.schema import EVENT_SCHEMA

    warehouse = Warehouse.open(Settings(home=folder / "home", sample_shop=False))
    try:
        append_events(warehouse, pa.Table.from_pandas(events, schema=EVENT_SCHEMA, preserve_index=False))
        rebuild_sessions(warehouse)
        started = time.perf_counter()
        habits = shop_habits(warehouse)
        print(f"\nHabits of {len(events):,} events read in {time.perf_counter() - started:.2f} s.")
        return habits
    finally:
        warehouse.close()


def _print_edits(scorer: SessionScorer, streams: list[pd.DataFrame], items: pd.DataFrame, media: Path) -> None:
    print(f"| {EVENTS} events | p50 ms | p95 ms | baseline | baseline p50 ms | ratio |")
    print("|---|---|---|---|---|---|")
    rescore = [_ms(partial(scorer.score, stream, items, media)) for stream in streams][1:]
    kinds: dict[str, Callable[[WhatIf, pd.DataFrame, int], object]] = {
        "edit → probabilities": lambda what_if, _, n: what_if.variant(_edits(what_if, n)).probabilities,
        "edit → heatmap": lambda what_if, _, n: what_if.explain(
            what_if.variant(_edits(what_if, n)), scorer.intents[n % 3]
        ),
        "one intent against another": lambda _, stream, n: explain_contrast(
            scorer,
            stream,
            items,
            media,
            event_id=str(stream["event_id"].iloc[-1]),
            intent=scorer.intents[0],
            against=scorer.intents[1],
        ),
        "words of an event": lambda _, stream, n: _inside(explain_words, scorer, stream, items, media),
        "regions of a picture": lambda _, stream, n: _inside(explain_regions, scorer, stream, items, media),
    }
    for name, act in kinds.items():
        times = []
        for number, stream in enumerate(streams):
            what_if = WhatIf(scorer, stream, items, media)
            times.append(_ms(lambda act=act, n=number, w=what_if, s=stream: act(w, s, n)))
        middle, high, base = np.median(times[1:]), np.quantile(times[1:], 0.95), np.median(rescore)
        print(f"| {name} | {middle:.0f} | {high:.0f} | re-scoring the visitor | {base:.0f} | {middle / base:.1f} |")


def _inside(
    explain: Callable[..., object], scorer: SessionScorer, stream: pd.DataFrame, items: pd.DataFrame, media: Path
):
    """The last event that has what is looked for."""
    for event_id in stream["event_id"].iloc[::-1]:
        try:
            return explain(scorer, stream, items, media, event_id=event_id, intent=scorer.intents[0])
        except NotFoundError:
            continue
    return None


def _edits(what_if: WhatIf, number: int) -> tuple[Edit, ...]:
    ids = [row["event_id"] for row in what_if.rows]
    at = number % (len(ids) - 2) + 1
    kinds: tuple[Edit, ...] = (Remove(ids[at]), Move(ids[at], -1), changed(ids[at], event_type="search", query="lamp"))
    return (kinds[number % 3], changed(ids[-1], gap_s=60))


def _search_row(scorer, streams, items, media, habits, length: int) -> str:  # type: ignore[no-untyped-def]
    times, tried, found, shown, counts, alone = [], [], 0, 0, [], []
    for number, stream in enumerate(streams[: SEARCHES + 1]):
        what_if = WhatIf(scorer, stream, items, media)
        candidates = possible_changes(what_if.rows, habits)
        started = time.perf_counter()
        result = find_smallest_change(candidates, what_if.probabilities)
        took = time.perf_counter() - started
        one = [_ms(lambda w=what_if, c=candidate: w.probabilities([(c,)])) for candidate in candidates[:10]]
        if number == 0:
            continue
        times.append(took)
        tried.append(result.tried)
        counts.append(len(candidates))
        alone.append(float(np.median(one)))
        found += result.edits is not None
        shown += result.is_smallest
    each = 1000 * float(np.sum(times)) / float(np.sum(tried))
    cells = [
        str(length),
        f"{np.median(counts):.0f}",
        f"{np.median(times):.2f}",
        f"{np.quantile(times, 0.95):.2f}",
        f"{np.median(tried):.0f}",
        f"{found}/{len(times)}",
        str(shown),
        f"{np.median(alone):.1f} alone, {each:.2f} together",
        f"{np.median(alone) / each:.1f}",
    ]
    return f"| {' | '.join(cells)} |"


def _ms(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - started)


if __name__ == "__main__":
    main()
