"""Do heatmaps point where the sample shop's hidden intents lie? Quality, not time.

Run: .venv/bin/python -m tests.benchmarks.bench_plausibility [--sessions N] [--method NAME]...
The shop was drawn from a hidden-Markov model, whose intent at every event is known. Explained is the hidden intent of a
session's last event, and its rationale are the events with the same hidden intent. Beside the methods stand a random
order (expected value) and two orders that know no model: the latest events first, the earliest first.
"""

import click
import numpy as np
import pandas as pd
import torch

from core.explain.attribution import explain_prediction, prediction_of
from core.explain.methods.registry import METHODS
from core.explain.study.plausibility import plausibility
from core.explain.study.report import mean_of
from core.model.scorer import SessionScorer
from tests.benchmarks.bench_explain import SAMPLE

TRUTH = SAMPLE.parent / "tests" / "data" / "sample_shop_truth.parquet"
LEAST_EVENTS = 6


@click.command()
@click.option("--sessions", default=100, show_default=True)
@click.option("--method", "methods", multiple=True, default=tuple(METHODS))
@click.option("--seed", default=0, show_default=True)
def main(sessions: int, methods: tuple[str, ...], seed: int) -> None:
    """Print one Markdown table: mean AUPRC, token F1 and IOU with 95 % intervals over visitors."""
    torch.set_num_threads(1)
    scorer = SessionScorer.load(SAMPLE / "model" / "finetuned")
    events = pd.read_parquet(SAMPLE / "events.parquet").sort_values(["visitor_id", "occurred_at", "event_id"])
    items = pd.read_parquet(SAMPLE / "items.parquet")
    truth = pd.read_parquet(TRUTH).set_index("event_id")["intent"]
    rows = []
    for session_id in _mixed_sessions(events, truth, seed)[:sessions]:
        rows += _measured(scorer, events, items, truth, session_id, methods)
    frame = pd.DataFrame(rows)
    print(f"{frame['session_id'].nunique()} sessions of {frame['visitor_id'].nunique()} visitors\n")
    print("| order of the events | AUPRC | token F1 | IOU |\n|---|---|---|---|")
    for name in ("chance", "latest", "earliest", *methods):
        found = [mean_of(frame[frame["name"] == name], measure) for measure in ("auprc", "token_f1", "iou")]
        cells = [f"{mean.value:.3f} ({mean.low:.3f} to {mean.high:.3f})" for mean in found]
        print(f"| {name} | {' | '.join(cells)} |")


def _mixed_sessions(events: pd.DataFrame, truth: pd.Series, seed: int) -> list[str]:
    """Sessions of some length whose events have the last one's hidden intent and others, in random order."""
    hidden = events.assign(hidden=events["event_id"].map(truth)).groupby("session_id")["hidden"]
    about = pd.DataFrame({"size": hidden.size(), "kinds": hidden.nunique()})
    mixed = about[(about["size"] >= LEAST_EVENTS) & (about["kinds"] > 1)].index.to_numpy()
    return [str(one) for one in np.random.default_rng(seed).permutation(mixed)]


def _measured(
    scorer: SessionScorer,
    events: pd.DataFrame,
    items: pd.DataFrame,
    truth: pd.Series,
    session_id: str,
    methods: tuple[str, ...],
) -> list[dict[str, object]]:
    own = events[events["session_id"] == session_id]
    visitor_id, last = own["visitor_id"].iloc[-1], own["event_id"].iloc[-1]
    stream = events[events["visitor_id"] == visitor_id]
    stream = stream.iloc[: int((stream["event_id"] == last).to_numpy().argmax()) + 1]
    if truth[last] not in scorer.intents:
        return []
    named = items[items["item_id"].isin(stream["item_id"])]
    prediction = prediction_of(scorer, stream, named, intent=str(truth[last]))
    seen = stream.tail(prediction.event_count)
    inside = (seen["session_id"] == session_id).to_numpy()
    is_marked = (seen["event_id"].map(truth) == truth[last]).to_numpy()[inside]
    if not 0 < is_marked.sum() < len(is_marked):
        return []
    places = np.arange(len(is_marked), dtype=np.float32)
    orders = {"latest": places, "earliest": -places}
    for name in methods:
        orders[name] = explain_prediction(prediction, METHODS[name], check=False).event_totals[inside]
    about = {"session_id": session_id, "visitor_id": visitor_id}
    rows: list[dict[str, object]] = []
    for name, totals in orders.items():
        rows.append(about | {"name": name} | vars(plausibility(totals, is_marked)))
    chance = {measure: rows[0][f"chance_{measure}"] for measure in ("auprc", "token_f1", "iou")}
    return [*rows, about | {"name": "chance"} | chance]


if __name__ == "__main__":
    main()
