"""Labels needed: active learning beside labels drawn by lot, on the sample shop with an annotator who knows the truth.

Run: .venv/bin/python -m tests.benchmarks.bench_active
Prints three Markdown tables. Macro-F1 is over all events of other visitors, drawn for the test alone (bench_model).
`--real` runs the fine-tuning of the product (`auto`) after each batch, some 40 seconds a figure; without it the quick
model is the recipe `head` (a read-out of the pretrained model, fitted anew after each batch), which learns from labels
alone. "Labels to x %" is where the mean curve first reaches that share of the macro-F1 that the same model has with
every session of the pool labelled.
"""

import os
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import click
import numpy as np
import torch

from core.events.synthetic.behavior import INTENTS
from tests.benchmarks.active_shop import ActiveShop, Seen
from tests.benchmarks.active_strategies import STRATEGIES

SIZES = (7, 10, 14, 20, 28, 40, 56, 80, 112, 160, 220, 300)
REAL_SIZES = (8, 12, 16, 20, 25, 30, 40, 50, 60, 80)
SHARES = (0.90, 0.95, 0.98)
FIRST_SEEDS = 3


def learn(shop: ActiveShop, name: str, seed: int, sizes: tuple[int, ...], *, real: bool) -> tuple[list[float], int]:
    """Macro-F1 after each size, and how many labels the rarest intent has after the last."""
    random = np.random.default_rng([seed, 17])
    if real or name.startswith("plain"):
        shop.sort_into_kinds(seed)
    seen = Seen(None, np.zeros(0, dtype=int), np.zeros(0, dtype=int))
    reached = []
    for size in sizes:
        asked = STRATEGIES[name](shop, seen, size - len(seen.chosen), random)
        chosen = np.concatenate([seen.chosen, asked]).astype(int)
        if len(np.unique(chosen)) != size:
            raise ValueError(f"'{name}' asked for {len(np.unique(chosen))} sessions, expected {size}.")
        probabilities = _answers(shop, chosen, f"{name}-{seed}-{size}", seed, real=real)
        reached.append(shop.bench.score(probabilities))
        click.echo(f"{name}, seed {seed}, {size} labels: {reached[-1]:.3f}", err=True)
        seen = Seen(probabilities[shop.ends], chosen, shop.answers[chosen])
    return reached, int(np.bincount(seen.answers, minlength=len(INTENTS)).min())


def _answers(shop: ActiveShop, chosen: np.ndarray, name: str, seed: int, *, real: bool) -> np.ndarray:
    if not real:
        return shop.quick(chosen, seed)
    folder, snapshot = shop.bench.snapshot_of(shop.annotations(chosen), name.replace(" ", "").replace("%", ""))
    return shop.bench.model(folder, snapshot, seed, pretrained=True, arguments={})


def needed(sizes: tuple[int, ...], curve: np.ndarray, wanted: float) -> float:
    """Labels at which the curve first reaches what is wanted, between two sizes by interpolation; infinite if never."""
    for place, value in enumerate(curve):
        if value >= wanted:
            if place == 0:
                return float(sizes[0])
            before = curve[place - 1]
            return float(sizes[place - 1] + (wanted - before) / (value - before) * (sizes[place] - sizes[place - 1]))
    return float("inf")


_shop: ActiveShop
"""Of a worker, made once."""


def _open_shop(folder: str, threads: int) -> None:
    global _shop
    torch.set_num_threads(threads)
    own = Path(folder) / str(os.getpid())
    own.mkdir()
    _shop = ActiveShop(own)


def _learn(name: str, seed: int, sizes: tuple[int, ...], real: bool) -> tuple[list[float], int]:
    return learn(_shop, name, seed, sizes, real=real)


def _known(real: bool) -> tuple[int, float, float]:
    """Sessions of the pool, macro-F1 with all of them labelled, the Bayes limit."""
    everything = np.arange(len(_shop.ends))
    best = _shop.bench.score(_answers(_shop, everything, "all", 0, real=real))
    click.echo(f"all {len(everything)} labels: {best:.3f}", err=True)
    return len(everything), best, _shop.bench.score(_shop.bench.limit)


@click.command()
@click.option("--seeds", default=3, show_default=True)
@click.option("--first-seed", default=0, show_default=True)
@click.option("--strategy", "names", multiple=True, type=click.Choice(list(STRATEGIES)), help="All by default.")
@click.option("--size", "sizes", multiple=True, type=int, help="Numbers of labels.")
@click.option("--threads", default=1, show_default=True, help="Of each process.")
@click.option("--processes", default=2, show_default=True)
@click.option("--real", is_flag=True, help="Fine-tune as the product does after each batch.")
def main(
    seeds: int,
    first_seed: int,
    names: tuple[str, ...],
    sizes: tuple[int, ...],
    threads: int,
    processes: int,
    real: bool,
) -> None:
    """Print the tables."""
    sizes = sizes or (REAL_SIZES if real else SIZES)
    with (
        tempfile.TemporaryDirectory() as folder,
        ProcessPoolExecutor(processes, get_context("spawn"), _open_shop, (folder, threads)) as pool,
    ):
        known = pool.submit(_known, real)
        tasks = {
            name: [pool.submit(_learn, name, seed, sizes, real) for seed in range(first_seed, first_seed + seeds)]
            for name in names or STRATEGIES
        }
        count, best, limit = known.result()
        print(f"{count} sessions; all labelled {best:.3f}; Bayes limit {limit:.3f}")
        print(f"\n| macro-F1 after | {' | '.join(map(str, sizes))} |\n|{'---|' * (len(sizes) + 1)}")
        curves, rarest = {}, {}
        for name, parts in tasks.items():
            runs = [part.result() for part in parts]
            curves[name] = np.array([curve for curve, _ in runs])
            rarest[name] = np.mean([rare for _, rare in runs])
            print(f"| {name} | {' | '.join(f'{value:.3f}' for value in curves[name].mean(axis=0))} |", flush=True)
        _print_needed(sizes, curves, rarest, best)
        _print_seeds(sizes, curves, best)


def _print_needed(sizes: tuple[int, ...], curves: dict[str, np.ndarray], rarest: dict[str, float], best: float) -> None:
    heads = " | ".join(f"labels to {share:.0%} | of random" for share in SHARES)
    print(f"\n| strategy | {heads} | labels of the rarest intent at {sizes[-1]} |\n|{'---|' * (2 * len(SHARES) + 2)}")
    for name, curve in curves.items():
        cells = []
        for share in SHARES:
            parts = [curve, curves.get("random", np.full_like(curve, np.nan))]
            wanted = [needed(sizes, part.mean(axis=0), share * best) for part in parts]
            ratio = wanted[0] / wanted[1] if np.isfinite(wanted).all() else float("nan")
            cells.append(f"{_number(wanted[0], sizes)} | {'' if np.isnan(ratio) else f'{ratio:.0%}'}")
        print(f"| {name} | {' | '.join(cells)} | {rarest[name]:.1f} |")


def _print_seeds(sizes: tuple[int, ...], curves: dict[str, np.ndarray], best: float) -> None:
    print(f"\n| labels to {SHARES[0]:.0%}, seed by seed | median | quartiles |\n|---|---|---|")
    for name, curve in curves.items():
        reached = np.array([needed(sizes, part, SHARES[0] * best) for part in curve])
        low, middle, high = (np.quantile(reached, share, method="lower") for share in (0.25, 0.5, 0.75))
        seeds = ", ".join(_number(value, sizes) for value in reached)
        print(f"| {name}: {seeds} | {_number(middle, sizes)} | {_number(low, sizes)} to {_number(high, sizes)} |")
    if len(next(iter(curves.values()))) > FIRST_SEEDS:
        print(f"\nOf the first {FIRST_SEEDS} seeds alone:")
        first = {name: curve[:FIRST_SEEDS] for name, curve in curves.items()}
        for name, curve in first.items():
            print(f"- {name}: {_number(needed(sizes, curve.mean(axis=0), SHARES[0] * best), sizes)}")


def _number(value: float, sizes: tuple[int, ...]) -> str:
    return f"{value:.0f}" if np.isfinite(value) else f"> {sizes[-1]}"


if __name__ == "__main__":
    main()
