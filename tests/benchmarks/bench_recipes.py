"""Recipes and options of fine-tuning: macro-F1 as a share of the Bayes limit, by kind and number of labels.

Run: .venv/bin/python -m tests.benchmarks.bench_recipes
Prints a Markdown table, a row a recipe or option. The sample shop, the split and the labels are bench_model's. Each row
goes through the job's own measuring and refitting (without its baselines) from the same pretrained model. `--base`
takes a folder of a pretrained model instead of pretraining one.
"""

import tempfile
import time
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch

from app.training_choices import OPTIONS
from core.model.checkpoint import load_checkpoint
from core.training.arguments import RECIPES, FinetuneArguments, read_arguments
from core.training.choice import choose
from core.training.ensemble import SeedEnsemble
from core.training.finetune import with_intents
from core.training.labeled_windows import read_out
from core.training.labels import Labels, read_labels, split_by_time
from core.training.prepared import PreparedEvents
from core.training.snapshot import read_snapshot
from tests.benchmarks.bench_model import INTENTS, Bench, Context, Spec, _in_order

CELLS: tuple[tuple[str, int], ...] = (("event", 50), ("event", 200), ("event", 500), ("session", 200))
CASES: dict[str, dict[str, Any]] = {
    **{name: {"recipe": name} for name in RECIPES},
    "head + teacher": {"recipe": "head", "teacher": True},
    **{f"full + {name}": {"recipe": "full", name: value} for name, value in OPTIONS.items() if name != "teacher"},
    "full without class weights": {"recipe": "full", "class_weights": False},
    "full without label smoothing": {"recipe": "full", "label_smoothing": 0.0},
}


def share(bench: Bench, case: dict[str, Any], kind: str, sessions: int, seed: int) -> float:
    """Macro-F1 at the test visitors' events as a share of the limit."""
    folder, whole = bench.labeled(kind, sessions, seed)
    snapshot = read_snapshot(folder)
    arguments = read_arguments(FinetuneArguments, case)
    weight = arguments.earlier_event_weight
    labels = read_labels(snapshot.annotations, snapshot.events, snapshot.taxonomy, earlier_event_weight=weight)
    arguments = choose(arguments, case, labels, len(snapshot.events)).arguments
    checkpoint = with_intents(load_checkpoint(bench.snapshot_folder.parent / "pretrained"), labels.intents, seed)
    prepared = PreparedEvents(checkpoint, snapshot)
    training, validation = split_by_time(labels, snapshot.events, arguments.validation_share)
    ensemble = SeedEnsemble(checkpoint, prepared, arguments, seed)
    context = Context(Spec(folder, folder))
    held_out = labels.take(validation & labels.decisive)
    fit = ensemble.fit(context, "measure", labels.take(training), held_out=held_out)
    ensemble.fit(context, "refit", labels, like=fit)
    rows = np.flatnonzero(bench.held_out)
    _, logits = read_out(checkpoint.model, PreparedEvents(checkpoint, whole), _unlabeled(labels, rows))
    answered = np.zeros((len(bench.events), len(INTENTS)))
    answered[rows] = _in_order(torch.softmax(logits, dim=-1).numpy(), labels.intents)
    return bench.score(answered) / bench.score(bench.limit)


def _unlabeled(labels: Labels, rows: np.ndarray) -> Labels:
    count = len(rows)
    return Labels(
        labels.intents,
        rows,
        np.zeros((count, len(labels.intents)), dtype=np.float32),
        np.ones(count, dtype=np.float32),
        np.zeros(count, dtype=bool),
        np.zeros(count, dtype=np.int64),
    )


@click.command()
@click.option("--base", type=click.Path(exists=True, path_type=Path), help="A pretrained model's folder.")
@click.option("--case", "cases", multiple=True, type=click.Choice([*CASES]), help="Which; all by default.")
@click.option("--cell", "cells", multiple=True, help="Labels as kind:sessions, for instance event:200.")
@click.option("--seeds", default=3, show_default=True)
@click.option("--threads", default=2, show_default=True)
def main(base: Path | None, cases: tuple[str, ...], cells: tuple[str, ...], seeds: int, threads: int) -> None:
    """Print the table."""
    torch.set_num_threads(threads)
    chosen = tuple((kind, int(count)) for kind, _, count in (cell.partition(":") for cell in cells)) or CELLS
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder) / "bench", {}, base)
        print(f"Share of the Bayes limit; mean of {seeds} seed(s); CPU seconds of all of it in brackets")
        print("| recipe | " + " | ".join(f"{count} {kind} labels" for kind, count in chosen) + " |")
        print("|---" * (len(chosen) + 1) + "|")
        for case in cases or tuple(CASES):
            print(f"| {case} | " + " | ".join(_cell(bench, case, *cell, seeds) for cell in chosen) + " |", flush=True)


def _cell(bench: Bench, case: str, kind: str, sessions: int, seeds: int) -> str:
    started = time.process_time()
    reached = [share(bench, CASES[case], kind, sessions, seed) for seed in range(seeds)]
    return f"{np.mean(reached):.3f} ({(time.process_time() - started) / seeds:.0f} s)"


if __name__ == "__main__":
    main()
