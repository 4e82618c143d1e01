"""Forgetting over time slices: plain fine-tuning in sequence, replay with and without distillation, retraining on all.

Run: .venv/bin/python -m tests.benchmarks.bench_continual --results FILE (a piece at a time: --seed, --setting)
     .venv/bin/python -m tests.benchmarks.bench_continual --results FILE --table

1,200 visitors of the sample shop (seeded), their time cut into four slices. In each, 40 sessions of the visitors that
are not held out are labelled (true intents of every event). `steady`: any sessions. `drift`: only sessions that end in
the slice's own intents, as when campaigns and seasons change what people come for; some intents begin late. After each
slice the model is tested on the held-out visitors' events of every slice, of the same kinds of sessions, against the
hidden intents; training sees nothing of those visitors. Every run starts from the sample shop's pretrained model.
Average accuracy: mean macro-F1 over the slices after the last one. Backward transfer: mean over the earlier slices of
macro-F1 after the last slice minus right after their own (Lopez-Paz and Ranzato 2017); below zero is forgetting.
"""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
import torch

from core.events.synthetic import sample_folder
from core.events.synthetic.behavior import INTENTS
from core.intents.taxonomy import DEFAULT_TAXONOMY
from core.model.scorer import SessionScorer
from core.training import finetune
from core.training.continual import job
from core.training.metrics import macro_f1
from tests.benchmarks.bench_model import TRUTH, Context, Spec

SLICES = 4
SESSIONS = 40
VISITORS = 1200
SPLIT_SEED = 11
MIXES: dict[str, tuple[tuple[str, ...], ...]] = {
    "steady": (tuple(INTENTS),) * SLICES,
    "drift": (
        ("browse", "search", "compare"),
        ("search", "deal", "browse"),
        ("purchase", "compare", "search"),
        ("support", "purchase", "deal"),
    ),
}
METHODS = ("plain fine-tuning", "replay, head", "replay + distillation, full", "retraining on all")


class Stream:
    """The sample shop in time slices: labels to learn from, and events to test on."""

    def __init__(self, folder: Path, setting: str, seed: int) -> None:
        self.folder, self.seed = folder, seed
        events = pd.read_parquet(sample_folder() / "events.parquet")
        visitors = np.random.default_rng(SPLIT_SEED).permutation(events["visitor_id"].unique())[:VISITORS]
        events = events[events["visitor_id"].isin(visitors)]
        self.events = events.sort_values(["visitor_id", "occurred_at", "event_id"], ignore_index=True)
        truth = self.events[["event_id"]].merge(pd.read_parquet(TRUTH), on="event_id")["intent"]
        self.answers = truth.map({intent: place for place, intent in enumerate(INTENTS)}).to_numpy()
        self._frame = self.events[["event_id", "session_id", "visitor_id"]].assign(intent=truth)
        ends = self._frame.groupby("session_id")["intent"].transform("last")
        started = self.events.groupby("session_id")["occurred_at"].transform("first")
        edges = started.quantile([part / SLICES for part in range(1, SLICES)]).to_numpy()
        self._slice = np.searchsorted(edges, started.to_numpy())
        self._fits = np.array([ends.isin(mix).to_numpy() for mix in MIXES[setting]])  # [slices, N]
        self._held_out = self.events["visitor_id"].isin(visitors[: len(visitors) // 2]).to_numpy()
        self.items = pd.read_parquet(sample_folder() / "items.parquet")

    def test_rows(self, number: int) -> np.ndarray:
        """[M] rows of a slice's held-out events."""
        return np.flatnonzero(self._held_out & (self._slice == number) & self._fits[number])

    def snapshot(self, numbers: range) -> Path:
        """A snapshot with the labels of these slices, made a day apart."""
        folder = self.folder / f"snapshot-{numbers.start}-{numbers.stop}"
        if folder.exists():
            return folder
        folder.mkdir(parents=True)
        self.events[~self._held_out].to_parquet(folder / "events.parquet")
        self.items.to_parquet(folder / "items.parquet")
        pd.concat([self._labels(number) for number in numbers]).to_parquet(folder / "annotations.parquet")
        (folder / "taxonomy.json").write_text(json.dumps([{"id": intent.id} for intent in DEFAULT_TAXONOMY]))
        (folder / "snapshot.json").write_text(json.dumps({"snapshot_id": folder.name, "media": None}))
        return folder

    def _labels(self, number: int) -> pd.DataFrame:
        here = self._frame[~self._held_out & (self._slice == number) & self._fits[number]]
        random = np.random.default_rng([self.seed, number])
        chosen = here[here["session_id"].isin(random.permutation(here["session_id"].unique())[:SESSIONS])]
        return pd.DataFrame(
            {
                "target_kind": "event",
                "event_id": chosen["event_id"],
                "session_id": chosen["session_id"],
                "intent": chosen["intent"],
                "annotator": "truth",
                "created_at": _made(number),
                "status": "submitted",
            }
        )

    def scores(self, model: Path) -> list[float]:
        """Macro-F1 of a model on every slice's test events."""
        scorer = SessionScorer.load(model)
        answered = scorer.score(self.events, self.items)
        ordered = np.zeros((len(answered), len(INTENTS)))
        for column, intent in enumerate(scorer.intents):
            ordered[:, INTENTS.index(intent)] = answered[:, column]
        return [macro_f1(self.answers[rows], ordered[rows]) for rows in map(self.test_rows, range(SLICES))]


def learn(stream: Stream, method: str) -> list[list[float]]:
    """[slices, slices] macro-F1 after each slice on each."""
    base: Path = sample_folder() / "model" / "pretrained"
    scores = []
    for number in range(SLICES):
        output = stream.folder / method.replace(" ", "-") / str(number)
        first = number == 0
        if method == "retraining on all" or first:
            _run(finetune.run, stream, range(number + 1), output, sample_folder() / "model" / "pretrained")
        elif method == "plain fine-tuning":
            _run(finetune.run, stream, range(number, number + 1), output, base)
        else:
            since = (_made(number) - pd.Timedelta(hours=12)).isoformat()
            recipe = method.rpartition(" ")[2]
            _run(job.run, stream, range(number + 1), output, base, {"since": since, "recipe": recipe})
        base = output
        scores.append(stream.scores(output))
    return scores


def _run(
    function: Callable[[Any], Any],
    stream: Stream,
    numbers: range,
    output: Path,
    base: Path,
    arguments: dict[str, Any] | None = None,
) -> None:
    function(Context(Spec(stream.snapshot(numbers), output, arguments or {}, base_model=base, seed=stream.seed)))


def _made(number: int) -> pd.Timestamp:
    return pd.Timestamp("2026-10-20") + pd.Timedelta(days=number)


def average_accuracy(scores: list[list[float]]) -> float:
    """Mean over the slices after the last one."""
    return float(np.mean(scores[-1]))


def backward_transfer(scores: list[list[float]]) -> float:
    """Mean change of the earlier slices' scores since their own turn."""
    return float(np.mean([scores[-1][number] - scores[number][number] for number in range(SLICES - 1)]))


@click.command()
@click.option("--setting", type=click.Choice(list(MIXES)), default="drift", show_default=True)
@click.option("--method", "methods", multiple=True, type=click.Choice(METHODS), help="Which; all by default.")
@click.option("--seed", "seeds", multiple=True, type=int, help="Which; 0 without.")
@click.option("--results", type=click.Path(path_type=Path), required=True, help="JSON lines, added to.")
@click.option("--table", is_flag=True, help="Only print the table of what is in the results.")
def main(setting: str, methods: tuple[str, ...], seeds: tuple[int, ...], results: Path, table: bool) -> None:
    """Measure and print the table."""
    torch.set_num_threads(2)
    for seed in () if table else seeds or (0,):
        for method in methods or METHODS:
            with tempfile.TemporaryDirectory() as folder:
                scores = learn(Stream(Path(folder), setting, seed), method)
            line = {"setting": setting, "method": method, "seed": seed, "scores": scores}
            with results.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
    print("\n".join(_rows(results)))


def _rows(results: Path) -> list[str]:
    lines = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    rows = ["| labels | method | seeds | average accuracy (macro-F1) | backward transfer |", "|---|---|---|---|---|"]
    for setting in MIXES:
        for method in METHODS:
            found = [line["scores"] for line in lines if (line["setting"], line["method"]) == (setting, method)]
            if found:
                accuracy = [average_accuracy(scores) for scores in found]
                transfer = [backward_transfer(scores) for scores in found]
                figures = " | ".join(f"{np.mean(part):.3f} ± {np.std(part):.3f}" for part in (accuracy, transfer))
                rows.append(f"| {setting} | {method} | {len(found)} | {figures} |")
    return rows


if __name__ == "__main__":
    main()
