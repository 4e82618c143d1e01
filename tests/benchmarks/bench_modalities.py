"""What each kind of field adds on the sample shop, and what a foreign text encoder does there.

Run: .venv/bin/python -m tests.benchmarks.bench_modalities
Prints a Markdown table. Every row leaves fields out everywhere: in pretraining and its targets, in fine-tuning and in
scoring. Visitors, labels and measure as in bench_model: half of the visitors held out whole, macro-F1 over all their
events, also as a share of the Bayes limit; the seeds draw the labelled sessions.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch

from core.model.fields import FIELDS
from core.model.scorer import SessionScorer
from core.training import finetune
from core.training.snapshot import TrainingSnapshot
from tests.benchmarks.bench_model import Bench, Context, Spec, _in_order

_NUMBERS = ("gap", "count", "repeat", "position", "price", "time_of_day", "session_start")
_CODES = ("category", "brand", "device")


@dataclass(frozen=True)
class Row:
    """Fields that are read beside the event type."""

    name: str
    fields: tuple[str, ...]
    text_encoder: str = "own"
    text_tuning: str = "frozen"

    def arguments(self) -> dict[str, Any]:
        left_out = [field for field in FIELDS if field not in ("event_type", *self.fields)]
        return {"leave_out": ",".join(left_out), "text_encoder": self.text_encoder}


ROWS: dict[str, Row] = {
    "type": Row("event type only", ()),
    "numbers": Row("+ times, counts, repeats, prices", _NUMBERS),
    "codes": Row("+ category, brand, device", (*_NUMBERS, *_CODES)),
    "text": Row("+ text (own encoder)", (*_NUMBERS, *_CODES, "text")),
    "image": Row("+ pictures: all fields", (*_NUMBERS, *_CODES, "text", "image")),
    "minilm": Row("all fields, MiniLM instead of the own text encoder", FIELDS[1:], "minilm"),
    "own_full": Row("all fields, the own text encoder learning too", FIELDS[1:], "own", "full"),
    "minilm_lora": Row("all fields, MiniLM learning too by LoRA", FIELDS[1:], "minilm", "lora"),
}


@click.command()
@click.option("--row", "rows", multiple=True, type=click.Choice([*ROWS]), help="Which rows; all by default.")
@click.option("--sessions", default=200, show_default=True, help="Labelled sessions, every event of them.")
@click.option("--seeds", default=3, show_default=True)
@click.option("--epochs", type=int, help="Epochs of pretraining; the product's default without.")
@click.option("--threads", default=2, show_default=True)
def main(rows: tuple[str, ...], sessions: int, seeds: int, epochs: int | None, threads: int) -> None:
    """Print the table."""
    torch.set_num_threads(threads)
    print(f"| fields, {sessions} labelled sessions, mean ± sd of {seeds} seeds | macro-F1 | share of the limit |")
    print("|---|---|---|")
    for name in rows or ROWS:
        arguments = ROWS[name].arguments() | ({"epochs": epochs} if epochs else {})
        with tempfile.TemporaryDirectory() as folder:
            bench = Bench(Path(folder), arguments)
            limit = bench.score(bench.limit)
            tuning = {"text_tuning": ROWS[name].text_tuning}
            reached = [_reached(bench, Path(folder), sessions, seed, threads, tuning) for seed in range(seeds)]
        mean, spread = np.mean(reached), np.std(reached)
        print(f"| {ROWS[name].name} | {mean:.3f} ± {spread:.3f} | {mean / limit:.3f} |", flush=True)


def _reached(bench: Bench, folder: Path, sessions: int, seed: int, threads: int, tuning: dict[str, Any]) -> float:
    labelled, snapshot = bench.labeled("event", sessions, seed)
    output = folder / f"model-{seed}"
    finetune.run(Context(Spec(labelled, output, tuning, folder / "pretrained", seed, threads)))
    return bench.score(_scored(output, snapshot))


def _scored(folder: Path, snapshot: TrainingSnapshot) -> np.ndarray:
    scorer = SessionScorer.load(folder)
    return _in_order(scorer.score(snapshot.events, snapshot.items, snapshot.media), scorer.intents)


if __name__ == "__main__":
    main()
