"""Time of the labelled sessions behind a prediction, on the sample shop's model.

Run: .venv/bin/python -m tests.benchmarks.bench_influence [--sessions 5000] [--asked 20]
Takes the last event of so many sessions as labelled with what the model says there, as training would note it. Prints
a Markdown table: the first pass over them, a repeated question (similar and influential together), and as baseline the
same influence by one gradient a labelled event taken by autograd through the last layer, extrapolated from some of
them; with the largest difference between the two.
"""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F

from core.explain.lessons.influence import influences
from core.explain.lessons.lessons import Lessons, learn_lessons
from core.explain.lessons.moments import Reading, read_states, state_at_end
from core.explain.lessons.taught import Taught
from core.model.scorer import SessionScorer

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data"
BY_GRADIENTS = 500
"""Labelled events whose gradients are taken one by one."""


@click.command()
@click.option("--sessions", default=5000, show_default=True)
@click.option("--asked", default=20, show_default=True, help="Predictions to ask about.")
@click.option("--threads", default=2, show_default=True)
def main(sessions: int, asked: int, threads: int) -> None:
    """Time the first pass, repeated questions and the baseline."""
    torch.set_num_threads(threads)
    scorer = SessionScorer.load(SAMPLE / "model" / "finetuned")
    events = pd.read_parquet(SAMPLE / "events.parquet").sort_values(
        ["visitor_id", "occurred_at", "event_id"], kind="stable", ignore_index=True
    )
    items = pd.read_parquet(SAMPLE / "items.parquet")
    taught = _taught(scorer, events, items, sessions)
    with TemporaryDirectory() as untraced:
        began = time.perf_counter()
        lessons = learn_lessons(scorer, Path(untraced), taught)
        first_s = time.perf_counter() - began
    streams = _streams(events, asked)
    times_ms = [_ask_ms(lessons, scorer, stream, items) for stream in streams]
    gradients_ms, apart = _by_gradients(lessons, scorer, streams[0], items)
    repeated_ms = float(np.median(times_ms))
    names = ("labelled", "events read", "first pass s", "repeated p50 ms", "p95 ms", "gradients ms", "ratio", "apart")
    cells = (
        f"{len(lessons):,}",
        f"{len(taught.events):,}",
        f"{first_s:.1f}",
        f"{repeated_ms:.1f}",
        f"{np.quantile(times_ms, 0.95):.1f}",
        f"{gradients_ms:,.0f}",
        f"{gradients_ms / repeated_ms:.0f} ×",
        f"{apart:.1e}",
    )
    print(f"| {' | '.join(names)} |\n|{'---|' * len(names)}\n| {' | '.join(cells)} |")


def _taught(scorer: SessionScorer, events: pd.DataFrame, items: pd.DataFrame, sessions: int) -> Taught:
    """The last events of a seeded sample of sessions, labelled by the model; one in twenty otherwise, as people err."""
    random = np.random.default_rng(0)
    names = events["session_id"].unique()
    chosen = set(random.permutation(names)[:sessions])
    last = ~events["session_id"].duplicated(keep="last") & events["session_id"].isin(chosen)
    visitors = events.loc[last, "visitor_id"].unique()
    kept = events["visitor_id"].isin(visitors).to_numpy()
    part, rows = events[kept].reset_index(drop=True), np.flatnonzero(last.to_numpy()[kept])
    answers = scorer.score(part, items)[rows].argmax(axis=1)
    wrong = random.random(len(rows)) < 0.05
    answers = np.where(wrong, random.integers(0, len(scorer.intents), len(rows)), answers)
    targets = np.eye(len(scorer.intents), dtype=np.float32)[answers]
    count = len(rows)
    return Taught(part, items, rows, targets, np.ones(count, np.float32), np.ones(count, dtype=bool), is_exact=True)


def _streams(events: pd.DataFrame, asked: int) -> list[pd.DataFrame]:
    sizes = events.groupby("visitor_id").size()
    visitors = np.random.default_rng(1).permutation(sizes.index[sizes >= 20])[:asked]
    return [events[events["visitor_id"] == visitor] for visitor in visitors]


def _ask_ms(lessons: Lessons, scorer: SessionScorer, stream: pd.DataFrame, items: pd.DataFrame) -> float:
    named = items[items["item_id"].isin(stream["item_id"])]
    began = time.perf_counter()
    lessons.ask(stream, named, intent=scorer.intents[0], most=5)
    return 1000 * (time.perf_counter() - began)


def _by_gradients(
    lessons: Lessons, scorer: SessionScorer, stream: pd.DataFrame, items: pd.DataFrame
) -> tuple[float, float]:
    """Milliseconds for all labelled events, and the largest difference from ours relative to the largest influence."""
    moment = lessons.moments[0]
    reading = read_states(scorer, state_at_end(scorer, stream, items, None))
    ours = influences([moment], [reading], 0, None)
    linear = scorer.model.intent_head.output
    weight = torch.cat([linear.weight, linear.bias[:, None]], dim=1).clone().requires_grad_()
    features = torch.from_numpy(moment.features)
    targets = torch.from_numpy(moment.errors) + torch.softmax(features @ weight.detach().T, dim=-1)
    count = min(BY_GRADIENTS, len(features))
    began = time.perf_counter()
    (wanted,) = torch.autograd.grad(_log_probability(weight, reading), weight)
    theirs = np.empty(count)
    for row in range(count):
        loss = F.cross_entropy(features[row : row + 1] @ weight.T, targets[row : row + 1])
        (gradient,) = torch.autograd.grad(-loss, weight)
        theirs[row] = float((gradient * wanted).sum())
    taken_ms = 1000 * (time.perf_counter() - began) * len(features) / count
    return taken_ms, float(np.abs(theirs - ours[:count]).max() / np.abs(ours).max())


def _log_probability(weight: torch.Tensor, reading: Reading) -> torch.Tensor:
    return torch.log_softmax(weight @ torch.from_numpy(reading.features), dim=-1)[0]


if __name__ == "__main__":
    main()
