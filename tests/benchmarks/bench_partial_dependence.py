"""Time of sweeping price and pauses on the sample shop's model.

Run: .venv/bin/python -m tests.benchmarks.bench_partial_dependence [--prefixes N] [--baseline N]
Prints one Markdown table: seconds for 1,000 prefixes and the whole grid. The baseline edits the price in the events and
scores one prefix and one value at a time, as somebody without a sweep would.
"""

import time

import click
import pandas as pd
import torch

from core.explain.study.dependence import Sweep, plan_sweeps, swept
from core.model.scorer import SessionScorer
from tests.benchmarks.bench_explain import SAMPLE


@click.command()
@click.option("--prefixes", default=500, show_default=True)
@click.option("--baseline", default=10, show_default=True, help="Prefixes scored one at a time.")
@click.option("--threads", default=1, show_default=True)
def main(prefixes: int, baseline: int, threads: int) -> None:
    """Sweep, then do the same for a few prefixes one by one."""
    torch.set_num_threads(threads)
    scorer = SessionScorer.load(SAMPLE / "model" / "finetuned")
    events = pd.read_parquet(SAMPLE / "events.parquet")
    events = events.sort_values(["visitor_id", "occurred_at", "event_id"], ignore_index=True)
    items = pd.read_parquet(SAMPLE / "items.parquet")
    sweeps = list(plan_sweeps(events, items, prefixes, seed=0))
    price = next(sweep for sweep in sweeps if sweep.feature == "price")
    alone = _one_by_one(scorer, price, events, items, baseline)
    print("| swept | prefixes | grid | s for 1,000 prefixes | one by one, s | ratio |\n|---|---|---|---|---|---|")
    for sweep in sweeps:
        taken = 1000 * _swept(scorer, sweep, events, items) / len(sweep.events)
        beside = f"{alone:.1f} | {alone / taken:.0f}" if sweep is price else "- | -"
        print(f"| {sweep.feature} | {len(sweep.events)} | {len(sweep.grid)} | {taken:.2f} | {beside} |")


def _swept(scorer: SessionScorer, sweep: Sweep, events: pd.DataFrame, items: pd.DataFrame) -> float:
    started = time.perf_counter()
    for _ in swept(scorer, sweep, events, items, None):
        pass
    return time.perf_counter() - started


def _one_by_one(scorer: SessionScorer, sweep: Sweep, events: pd.DataFrame, items: pd.DataFrame, count: int) -> float:
    """Seconds for 1,000 prefixes, of as many as were asked for."""
    visitors = events.groupby("visitor_id", sort=False).indices
    ends = sweep.events.head(count)
    started = time.perf_counter()
    for row, end in ends.iterrows():
        stream = events.iloc[visitors[end["visitor_id"]]].loc[:row]
        named = items[items["item_id"].isin(stream["item_id"])]
        for price in sweep.grid:
            edited = stream.copy()
            edited.loc[row, "price"] = price
            scorer.score_ends(edited, named)
    return 1000 * (time.perf_counter() - started) / len(ends)


if __name__ == "__main__":
    main()
