"""What a good set of labels is: sets drawn with knowledge of the truth, beside sets drawn by lot, on the sample shop.

Run: .venv/bin/python -m tests.benchmarks.bench_active_bound
Prints a Markdown table. Each row draws many sets of sessions to label, fits the quick model of bench_active to each,
and says how many sets reach 90 % of the macro-F1 of all labels. No queue can know these sets: `plain` asks the Bayes
filter over the tables the shop was drawn from, `balanced` the hidden intents. They bound what any queue could save.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
import torch

from core.events.synthetic.behavior import INTENTS
from tests.benchmarks.active_shop import ActiveShop

SIZES = (20, 32, 65)
SHARE = 0.90
PLAIN = 0.9
"""The Bayes filter's probability of the hidden intent at the session's end, given all before."""

LONG = 12
Drawing = Callable[[int, np.random.Generator], np.ndarray]


def drawings(shop: ActiveShop) -> dict[str, Drawing]:
    """By name, how each kind of set is drawn: numbers of the pool's sessions."""
    said = shop.bench.limit[shop.ends]
    plain = said[np.arange(len(said)), shop.answers] > PLAIN
    return {
        "by lot": lambda size, random: random.choice(len(said), size, replace=False),
        "balanced": balanced(shop.answers, np.ones(len(said), dtype=bool)),
        f"balanced, {LONG} events or more": balanced(shop.answers, shop.lengths >= LONG),
        "plain": lambda size, random: random.choice(np.flatnonzero(plain), size, replace=False),
        "plain, balanced": balanced(shop.answers, plain),
    }


def balanced(answers: np.ndarray, allowed: np.ndarray) -> Drawing:
    """As many of each intent [P], the first ones one more, of the sessions that are allowed [P]."""

    def draw(size: int, random: np.random.Generator) -> np.ndarray:
        wanted = np.bincount(np.arange(size) % len(INTENTS), minlength=len(INTENTS))
        parts = [
            random.choice(np.flatnonzero(allowed & (answers == intent)), count, replace=False)
            for intent, count in enumerate(wanted)
        ]
        return np.concatenate(parts)

    return draw


@click.command()
@click.option("--sets", default=24, show_default=True, help="How many of each kind and size.")
@click.option("--size", "sizes", multiple=True, type=int, help="Numbers of labels.")
def main(sets: int, sizes: tuple[int, ...]) -> None:
    """Print the table."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        shop = ActiveShop(Path(folder))
        best = shop.bench.score(shop.quick(np.arange(len(shop.ends)), 0))
        print(f"All {len(shop.ends)} labelled {best:.3f}; {SHARE:.0%} of it {SHARE * best:.3f}\n")
        print("| labels | set | mean | sd | worst | best | sets that reach 90 % |\n|---|---|---|---|---|---|---|")
        for size in sizes or SIZES:
            for name, draw in drawings(shop).items():
                reached = np.array([_reached(shop, draw, size, seed) for seed in range(sets)])
                print(_row(size, name, reached, SHARE * best), flush=True)


def _reached(shop: ActiveShop, draw: Drawing, size: int, seed: int) -> float:
    chosen = draw(size, np.random.default_rng([seed, 99, size]))
    return shop.bench.score(shop.quick(chosen, seed))


def _row(size: int, name: str, reached: np.ndarray, wanted: float) -> str:
    return (
        f"| {size} | {name} | {reached.mean():.3f} | {reached.std():.3f} | {reached.min():.3f} | {reached.max():.3f} "
        f"| {np.mean(reached >= wanted):.0%} |"
    )


if __name__ == "__main__":
    main()
