"""Time and convergence of explanations on the sample shop's model.

Run: .venv/bin/python -m tests.benchmarks.bench_explain
Prints one Markdown table; the baseline of the ratio is one forward pass over the same events in the same run.
"""

import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from core.explain.attribution import explain_event
from core.model.scorer import SessionScorer

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data"
LENGTHS = (10, 50, 200)
PREDICTIONS = 20


def main() -> None:
    """Explain the last event of visitor streams cut or filled to fixed lengths."""
    torch.set_num_threads(2)
    scorer = SessionScorer.load(SAMPLE / "model" / "finetuned")
    events, items = pd.read_parquet(SAMPLE / "events.parquet"), pd.read_parquet(SAMPLE / "items.parquet")
    streams = [
        frame for _, frame in events.sort_values(["visitor_id", "occurred_at", "event_id"]).groupby("visitor_id")
    ]
    print("| events | p50 ms | p95 ms | forward pass p50 ms | ratio | convergence error p95 | steps p50 |")
    print("|---|---|---|---|---|---|---|")
    for length in LENGTHS:
        print(_row(scorer, _streams_of(streams, length), items, length))


def _streams_of(streams: list[pd.DataFrame], length: int) -> list[pd.DataFrame]:
    """The longest visitor streams cut to the length; where too short, the longest there are."""
    longest = sorted(streams, key=len, reverse=True)[: PREDICTIONS + 1]
    return [stream.head(length) for stream in longest]


def _row(scorer: SessionScorer, streams: list[pd.DataFrame], items: pd.DataFrame, length: int) -> str:
    times, forwards, errors, steps = [], [], [], []
    for number, stream in enumerate(streams):
        probabilities = scorer.score(stream, items)
        started = time.perf_counter()
        scorer.score(stream, items)
        forward = time.perf_counter() - started
        intent = scorer.intents[int(probabilities[-1].argmax())]
        started = time.perf_counter()
        heatmap = explain_event(scorer, stream, items, event_id=stream["event_id"].iloc[-1], intent=intent)
        if number == 0:
            continue  # the first one warms up
        times.append(1000 * (time.perf_counter() - started))
        forwards.append(1000 * forward)
        errors.append(heatmap.relative_error)
        steps.append(heatmap.n_steps)
    middle, high, pass_ms = np.median(times), np.quantile(times, 0.95), np.median(forwards)
    events = round(float(np.mean([len(stream) for stream in streams])))
    return (
        f"| {length} (mean {events}) | {middle:.0f} | {high:.0f} | {pass_ms:.0f} | {middle / pass_ms:.1f} "
        f"| {np.quantile(errors, 0.95):.2%} | {np.median(steps):.0f} |"
    )


if __name__ == "__main__":
    main()
