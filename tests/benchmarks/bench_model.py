"""Quality by number of labeled sessions: the session model beside no pretraining, trees, k-grams and the Bayes limit.

Run: .venv/bin/python -m tests.benchmarks.bench_model
Prints three Markdown tables. The macro-F1 is over all events of other visitors of the same shop, drawn for the test
alone, against their hidden intents: neither pretraining nor fine-tuning nor its teacher, which looks at sessions in
hindsight, sees anything of them. Labels are true intents of the sample shop's sessions: of every event, or of the
session (the intent at its last event) only. Trees and k-grams learn from the same labels at the same events with the
same weights as the model. ECE: the model's expected calibration error at the test events.
"""

import json
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
import torch

from core.events.synthetic import sample_folder
from core.events.synthetic.behavior import INTENTS
from core.events.synthetic.shop import generate_shop
from core.intents.taxonomy import DEFAULT_TAXONOMY
from core.model.scorer import SessionScorer
from core.training import finetune, pretrain
from core.training.arguments import FinetuneArguments
from core.training.baselines import Baseline, KGramBaseline, TreesBaseline
from core.training.labels import read_labels
from core.training.metrics import expected_calibration_error, macro_f1
from core.training.snapshot import TrainingSnapshot, read_snapshot

TRUTH = Path(__file__).resolve().parents[1] / "data" / "sample_shop_truth.parquet"
SIZES = (50, 100, 200, 500, 2000)
LABEL_KINDS = {"event": "every event", "session": "one label a session"}
LEAST_EVENTS = 3
TEST_SEED, TEST_SESSIONS = 11, 4000


@dataclass(frozen=True)
class Spec:
    """Orders of a run in this process."""

    snapshot: Path
    output: Path
    arguments: dict[str, Any] = field(default_factory=dict)
    base_model: Path | None = None
    seed: int = 0
    threads: int = 2
    run_id: str = "bench"


class Context:
    """A run that nobody watches."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec

    def report(self, step: int, total: int, phase: str, **metrics: float) -> None:
        """Nobody watches."""

    def should_stop(self) -> bool:
        return False

    def log(self, message: str) -> None:
        """Nobody reads."""


class Bench:
    """The sample shop to train on, other visitors of it to test on, the pretrained model, and how each contender does.

    events: of both, sorted; held_out: [N] bool, the test visitors'
    """

    def __init__(self, folder: Path, pretraining: dict[str, Any], base: Path | None = None) -> None:
        self._folder = folder
        self.snapshot_folder = folder / "snapshot"
        test, test_truth = _test_visitors()
        shop = pd.read_parquet(sample_folder() / "events.parquet")
        self.events = pd.concat([shop, test]).sort_values(["visitor_id", "occurred_at", "event_id"], ignore_index=True)
        truth = self.events[["event_id"]].merge(pd.concat([pd.read_parquet(TRUTH), test_truth]), on="event_id")
        self.limit = truth[[f"p_{intent}" for intent in INTENTS]].to_numpy()
        self.answers = truth["intent"].map({intent: place for place, intent in enumerate(INTENTS)}).to_numpy()
        self.held_out = self.events["event_id"].isin(test["event_id"]).to_numpy()
        self._write_snapshot(self.snapshot_folder, self._annotations(SIZES[0], 0, "session"))
        started = time.perf_counter()
        if base is None:
            spec = Spec(self.snapshot_folder, folder / "pretrained", pretraining, threads=torch.get_num_threads())
            pretrain.run(Context(spec))
        else:
            shutil.copytree(base, folder / "pretrained")
        self.pretraining_s = time.perf_counter() - started
        self.finetuning_s: list[float] = []

    def score(self, probabilities: np.ndarray) -> float:
        """Macro-F1 at the held-out events, of probabilities [N, K] in the order of INTENTS."""
        return macro_f1(self.answers[self.held_out], probabilities[self.held_out])

    def labeled(self, kind: str, sessions: int, seed: int) -> tuple[Path, TrainingSnapshot]:
        """A snapshot with so many labeled sessions to train on, and the same with the test visitors, to answer for."""
        folder = self._folder / f"snapshot-{kind}-{sessions}-{seed}"
        if not folder.exists():
            self._write_snapshot(folder, self._annotations(sessions, seed, kind))
        return folder, replace(read_snapshot(folder), events=self.events)

    def calibration(self, probabilities: np.ndarray) -> float:
        """Expected calibration error at the held-out events."""
        return expected_calibration_error(self.answers[self.held_out], probabilities[self.held_out])

    def model(
        self, folder: Path, snapshot: TrainingSnapshot, seed: int, *, pretrained: bool, arguments: dict[str, Any]
    ) -> np.ndarray:
        """Probabilities of the session model, fine-tuned or trained from nothing: [N, K]."""
        output = folder / f"model-{pretrained}"
        base = self._folder / "pretrained" if pretrained else None
        threads = torch.get_num_threads()
        started = time.perf_counter()
        finetune.run(Context(Spec(folder, output, arguments, base_model=base, seed=seed, threads=threads)))
        if pretrained:
            self.finetuning_s.append(time.perf_counter() - started)
        scorer = SessionScorer.load(output)
        return _in_order(scorer.score(snapshot.events, snapshot.items, snapshot.media), scorer.intents)

    def baseline(self, kind: Callable[[int], Baseline], snapshot: TrainingSnapshot) -> float:
        """A baseline's macro-F1 at the held-out events."""
        weight = FinetuneArguments().earlier_event_weight
        labels = read_labels(snapshot.annotations, snapshot.events, snapshot.taxonomy, earlier_event_weight=weight)
        baseline = kind(len(labels.intents))
        baseline.fit(snapshot.events, snapshot.items, labels.rows, labels.answers(), labels.weights)
        rows = np.flatnonzero(self.held_out)
        answered = _in_order(baseline.predict_proba(snapshot.events, snapshot.items, rows), labels.intents)
        return macro_f1(self.answers[rows], answered)

    def _annotations(self, sessions: int, seed: int, kind: str) -> pd.DataFrame:
        events = self.events.assign(intent=np.array(INTENTS)[self.answers])[~self.held_out]
        size = events.groupby("session_id")["event_id"].transform("size")
        ends = events[~events["session_id"].duplicated(keep="last") & (size >= LEAST_EVENTS)]
        chosen = ends.sample(sessions, random_state=seed)
        if kind == "event":
            chosen = events[events["session_id"].isin(chosen["session_id"])]
        return _annotations_of(chosen, kind)

    def true_annotations(self, ends: np.ndarray) -> pd.DataFrame:
        """Session labels, true at the last event, of the sessions that end at these rows."""
        return _annotations_of(self.events.assign(intent=np.array(INTENTS)[self.answers]).iloc[ends], "session")

    def snapshot_of(self, annotations: pd.DataFrame, name: str) -> tuple[Path, TrainingSnapshot]:
        """As `labeled`, with these labels."""
        folder = self._folder / f"snapshot-{name}"
        self._write_snapshot(folder, annotations)
        return folder, replace(read_snapshot(folder), events=self.events)

    def _write_snapshot(self, folder: Path, annotations: pd.DataFrame) -> None:
        folder.mkdir(parents=True)
        self.events[~self.held_out].to_parquet(folder / "events.parquet")
        pd.read_parquet(sample_folder() / "items.parquet").to_parquet(folder / "items.parquet")
        annotations.to_parquet(folder / "annotations.parquet")
        (folder / "taxonomy.json").write_text(json.dumps([{"id": intent.id} for intent in DEFAULT_TAXONOMY]))
        media = self._folder / "media"
        if not media.exists():
            media.mkdir()
            for picture in pd.read_parquet(sample_folder() / "pictures.parquet").itertuples():
                (media / picture.name).write_bytes(picture.png)
        (folder / "snapshot.json").write_text(json.dumps({"snapshot_id": folder.name, "media": str(media)}))


def _annotations_of(rows: pd.DataFrame, kind: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "target_kind": kind,
            "event_id": rows["event_id"] if kind == "event" else None,
            "session_id": rows["session_id"],
            "intent": rows["intent"],
            "annotator": "truth",
            "created_at": pd.Timestamp("2026-10-20"),
            "status": "submitted",
        }
    )


def _test_visitors() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Events and truth of the test visitors, named apart from the sample shop's."""
    drawn = generate_shop(sessions=TEST_SESSIONS, visitors_seed=TEST_SEED)
    events, truth = drawn.events.to_pandas(), drawn.truth.to_pandas()
    for frame in (events, truth):
        for name in {"event_id", "visitor_id", "session_id", "user_id"} & set(frame.columns):
            frame[name] = "test-" + frame[name]
    return events, truth


def _in_order(probabilities: np.ndarray, intents: tuple[str, ...]) -> np.ndarray:
    ordered = np.zeros((len(probabilities), len(INTENTS)))
    for column, intent in enumerate(intents):
        ordered[:, INTENTS.index(intent)] = probabilities[:, column]
    return ordered


@click.command()
@click.option("--seeds", default=3, show_default=True)
@click.option("--size", default="small", show_default=True)
@click.option("--epochs", type=int, help="Epochs of pretraining; the product's default without.")
@click.option("--labels", "kinds", multiple=True, type=click.Choice([*LABEL_KINDS]), help="Which; all by default.")
@click.option("--sessions", "sizes", multiple=True, type=int, help="Numbers of labeled sessions; all rows by default.")
@click.option("--model", type=click.Path(exists=True, path_type=Path), help="Only test this fine-tuned model's folder.")
@click.option("--threads", default=2, show_default=True)
@click.option("--without/--no-without", default=True, help="Measure the model without pretraining too.")
def main(
    seeds: int,
    size: str,
    epochs: int | None,
    kinds: tuple[str, ...],
    sizes: tuple[int, ...],
    model: Path | None,
    threads: int,
    without: bool,
) -> None:
    """Print the tables."""
    torch.set_num_threads(threads)
    arguments = {"size": size} | ({"epochs": epochs} if epochs else {})
    with tempfile.TemporaryDirectory() as folder:
        if model is not None:
            print(_tested(Bench(Path(folder), {}, base=model), model))
            return
        bench = Bench(Path(folder), arguments)
        limit = bench.score(bench.limit)
        print(f"Bayes limit {limit:.3f}; mean of {seeds} seeds; in brackets the share of the limit")
        for kind in kinds or LABEL_KINDS:
            print(f"\n| labeled sessions, {LABEL_KINDS[kind]} | model | no pretraining | trees | k-grams | ECE |")
            print("|---|---|---|---|---|---|")
            for sessions in sizes or SIZES:
                print(_row(bench, kind, sessions, seeds, size, limit, without=without), flush=True)
        events = int((~bench.held_out).sum())
        print(f"\n| what | seconds |\n|---|---|\n| pretraining, {events} events | {bench.pretraining_s:.0f} |")
        print(f"| fine-tuning, median of {len(bench.finetuning_s)} | {np.median(bench.finetuning_s):.1f} |")


def _tested(bench: Bench, model: Path) -> str:
    """How good a model is, and how fast it scores all events of both shops."""
    scorer, snapshot = SessionScorer.load(model), bench.labeled("session", SIZES[0], 0)[1]
    started = time.perf_counter()
    answered = _in_order(scorer.score(snapshot.events, snapshot.items, snapshot.media), scorer.intents)
    rate = len(answered) / (time.perf_counter() - started)
    reached = bench.score(answered)
    return (
        f"macro-F1 {reached:.3f} ({reached / bench.score(bench.limit):.3f} of the limit), "
        f"calibration error {bench.calibration(answered):.3f}, {rate:,.0f} events/s"
    )


def _row(bench: Bench, kind: str, sessions: int, seeds: int, size: str, limit: float, *, without: bool) -> str:
    reached: dict[str, list[float]] = {"model": [], "without": [], "trees": [], "kgrams": []}
    calibration = []
    for seed in range(seeds):
        folder, snapshot = bench.labeled(kind, sessions, seed)
        answered = bench.model(folder, snapshot, seed, pretrained=True, arguments={"size": size})
        reached["model"].append(bench.score(answered))
        calibration.append(bench.calibration(answered))
        if without:
            without_it = bench.model(folder, snapshot, seed, pretrained=False, arguments={"size": size})
            reached["without"].append(bench.score(without_it))
        reached["trees"].append(bench.baseline(partial(TreesBaseline, seed=seed), snapshot))
        reached["kgrams"].append(bench.baseline(KGramBaseline, snapshot))
    means = [float(np.mean(values)) if values else float("nan") for values in reached.values()]
    cells = " | ".join(f"{value:.3f} ({value / limit:.3f})" for value in means)
    return f"| {sessions} | {cells} | {np.mean(calibration):.3f} |"


if __name__ == "__main__":
    main()
