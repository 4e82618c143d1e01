"""What each pretraining objective is worth: the read-out of the intent with and without it.

Run: .venv/bin/python -m tests.benchmarks.bench_objectives [--only NAME]
Prints a Markdown table. The split, the labels and the measure are bench_model's (every event of the labeled sessions);
the intent is read by the head alone (recipe `head`), so that differences are the pretraining's.
"""

import tempfile
from pathlib import Path

import click
import numpy as np
import torch

from core.training.arguments import PretrainArguments
from tests.benchmarks.bench_model import Bench

DEFAULT = PretrainArguments().objectives.split(",")
SIZES = (50, 200, 500)


def variants() -> dict[str, list[str]]:
    """The default mix, the mix without each objective, and with each that is not in it."""
    found = {"the default mix": DEFAULT}
    for name in DEFAULT:
        found[f"without {name}"] = [other for other in DEFAULT if other != name]
    found["with session_contrast"] = [*DEFAULT, "session_contrast"]
    found["next_item_popular for next_item"] = [
        "next_item_popular" if name == "next_item" else name for name in DEFAULT
    ]
    found["next_event_type alone"] = ["next_event_type"]
    return found


@click.command()
@click.option("--seeds", default=3, show_default=True)
@click.option("--threads", default=2, show_default=True)
@click.option("--only", "only", multiple=True, type=click.Choice(list(variants())), help="Which; all by default.")
def main(seeds: int, threads: int, only: tuple[str, ...]) -> None:
    """Print the table."""
    torch.set_num_threads(threads)
    sizes = " | ".join(f"{size} sessions" for size in SIZES)
    print(f"| objectives | {sizes} | pretraining s |\n|---|{'---|' * len(SIZES)}---|")
    for name in only or variants():
        print(_row(name, variants()[name], seeds), flush=True)


def _row(name: str, objectives: list[str], seeds: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), {"objectives": ",".join(objectives)})
        limit = bench.score(bench.limit)
        cells = []
        for sessions in SIZES:
            shares = []
            for seed in range(seeds):
                labeled, snapshot = bench.labeled("event", sessions, seed)
                answered = bench.model(labeled, snapshot, seed, pretrained=True, arguments={"recipe": "head"})
                shares.append(bench.score(answered) / limit)
            cells.append(f"{np.mean(shares):.3f} ± {np.std(shares):.3f}")
        return f"| {name} | {' | '.join(cells)} | {bench.pretraining_s:.0f} |"


if __name__ == "__main__":
    main()
