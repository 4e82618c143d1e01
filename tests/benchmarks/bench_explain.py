"""Time, convergence and memory of explanations by each method on the sample shop's model.

Run: .venv/bin/python -m tests.benchmarks.bench_explain [--method NAME] [--events N] [--predictions N] [--threads N]
Prints one Markdown table, each row measured by a process of its own, whose peak memory is told with all it loads. The
baseline of the ratio is scoring the same events (features and one forward pass) in the same process. Faithfulness is
measured along, as the Explain page does. The rows of 500 events use the same weights reading windows of 512. "together"
says how many early events of a long session the method took as one. The processor's time is what other work on the
machine stretches least.
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import click
import numpy as np
import pandas as pd

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data"
LENGTHS = (50, 500)
METHODS = (
    "integrated_gradients",
    "gradient_times_input",
    "shapley_sampling",
    "occlusion_of_events",
    "occlusion_of_fields",
    "attention_rollout",
)
_KIB_PER_MB = 1024


@click.command()
@click.option("--method", "methods", multiple=True, default=METHODS)
@click.option("--events", "lengths", multiple=True, type=int, default=LENGTHS)
@click.option("--predictions", default=20, show_default=True)
@click.option("--threads", default=2, show_default=True)
@click.option("--alone", is_flag=True, help="Measure one method at one length and print JSON.")
def main(methods: tuple[str, ...], lengths: tuple[int, ...], predictions: int, threads: int, alone: bool) -> None:
    """Explain the last event of visitor streams cut or filled to fixed lengths."""
    if alone:
        print(json.dumps(measure(methods[0], lengths[0], predictions, threads)))
        return
    names = ("p50 ms", "p95 ms", "processor p50 ms", "scoring p50 ms", "ratio", "together", "convergence error p95")
    print(f"| method | events | {' | '.join(names)} | peak MB |\n{'|---' * (len(names) + 3)}|")
    for length in lengths:
        for method in methods:
            print(_row(_in_a_process(method, length, predictions, threads)), flush=True)


def measure(method: str, length: int, predictions: int, threads: int) -> dict[str, float | str]:
    """Times in ms, errors and peak memory of one method; the first prediction warms up and is not counted."""
    import torch

    from core.explain.attribution import explain_event
    from core.model.scorer import SessionScorer

    torch.set_num_threads(threads)
    scorer = SessionScorer.load(SAMPLE / "model" / "finetuned")
    scorer.model.config.max_events = max(scorer.model.config.max_events, 512 if length > 128 else 0)
    items = pd.read_parquet(SAMPLE / "items.parquet")
    times, used, scorings, errors, events, blocks = [], [], [], [], [], []
    for stream in streams_of(length, predictions + 1):
        probabilities = scorer.score(stream, items)
        started = time.perf_counter()
        scorer.score(stream, items)
        scorings.append(1000 * (time.perf_counter() - started))
        intent = scorer.intents[int(probabilities[-1].argmax())]
        started, worked = time.perf_counter(), time.process_time()
        heatmap = explain_event(
            scorer, stream, items, event_id=stream["event_id"].iloc[-1], intent=intent, method=method
        )
        times.append(1000 * (time.perf_counter() - started))
        used.append(1000 * (time.process_time() - worked))
        blocks.append(heatmap.block)
        errors.append(heatmap.relative_error if heatmap.is_complete else float("nan"))
        events.append(len(heatmap.event_ids))
    return {
        "method": method,
        "events": float(np.mean(events)),
        "p50": float(np.median(times[1:])),
        "p95": float(np.quantile(times[1:], 0.95)),
        "processor": float(np.median(used[1:])),
        "together": float(max(blocks)),
        "scoring": float(np.median(scorings[1:])),
        "error": float(np.quantile(errors[1:], 0.95)),
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KIB_PER_MB,
    }


def streams_of(length: int, wanted: int) -> list[pd.DataFrame]:
    """Streams of exactly so many events: the longest visitors' own, filled up with other visitors' where too short."""
    events = pd.read_parquet(SAMPLE / "events.parquet").sort_values(["visitor_id", "occurred_at", "event_id"])
    visitors = sorted((frame for _, frame in events.groupby("visitor_id")), key=len, reverse=True)
    streams = []
    while len(streams) < wanted:
        parts = [visitors.pop(0)]
        while sum(map(len, parts)) < length:
            parts.append(visitors.pop(0))
        joined = pd.concat(parts).assign(visitor_id=f"stream-{len(streams)}")
        streams.append(joined.sort_values(["occurred_at", "event_id"]).head(length).reset_index(drop=True))
    return streams


def _in_a_process(method: str, length: int, predictions: int, threads: int) -> dict[str, float | str]:
    options = ["--method", method, "--events", str(length), "--predictions", str(predictions)]
    command = [sys.executable, "-m", "tests.benchmarks.bench_explain", "--alone", *options, "--threads", str(threads)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    measured: dict[str, float | str] = json.loads(ended.stdout)
    return measured


def _row(found: dict[str, float | str]) -> str:
    error = "" if found["error"] != found["error"] else f"{found['error']:.2%}"
    ratio = float(found["p50"]) / float(found["scoring"])
    return (
        f"| {found['method']} | {found['events']:.0f} | {found['p50']:.0f} | {found['p95']:.0f} | "
        f"{found['processor']:.0f} | {found['scoring']:.0f} | {ratio:.1f} | {found['together']:.0f} | {error} | "
        f"{found['peak']:.0f} |"
    )


if __name__ == "__main__":
    main()
