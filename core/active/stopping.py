"""When to stop labeling: successive models that agree have little more to learn from the same kind of label.

Bloodgood & Vijay-Shanker 2009, "A Method for Stopping Active Learning Based on Stabilizing Predictions": Cohen's kappa
between the predictions of successive models on a fixed set that nobody labels; stop when the mean of the last few is
above a bound.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

STABLE_KAPPA = 0.99
"""The paper's bound, chosen there to stop late rather than early."""
WATCHED_FILE = "watched.parquet"
"""In a model folder: what the model says of the fixed set, as fine-tuning wrote it (core/training/watched.py)."""
WINDOW = 3
"""Agreements in a row, so that one quiet step is not taken for the end (the paper's k)."""


@dataclass(frozen=True)
class StoppingSignal:
    """Whether to stop, and why.

    kappas: the agreement of each model with the one before it, oldest first.
    mean: of the last `WINDOW` of them; None while there are fewer.
    """

    stop: bool
    kappas: tuple[float, ...]
    mean: float | None


def stabilized(
    predictions: Sequence[np.ndarray], *, bound: float = STABLE_KAPPA, window: int = WINDOW
) -> StoppingSignal:
    """Whether the predictions of successive models have settled.

    Args:
        predictions: of each model, oldest first, the intents [N] of the same sessions in the same order.

    Raises:
        ValueError: the models predicted different numbers of sessions, or none.
    """
    kappas = tuple(agreement(earlier, later) for earlier, later in itertools.pairwise(predictions))
    if len(kappas) < window:
        return StoppingSignal(False, kappas, None)
    mean = float(np.mean(kappas[-window:]))
    return StoppingSignal(mean > bound, kappas, mean)


def agreement(first: np.ndarray, second: np.ndarray) -> float:
    """Cohen's kappa (1960) of two models' intents [N]: 1 for the same everywhere, 0 for what chance would give."""
    if len(first) != len(second) or not len(first):
        raise ValueError(f"The models predicted {len(first)} and {len(second)} sessions, expected as many, and some.")
    intents = np.unique(np.concatenate([first, second]))
    observed = float(np.mean(first == second))
    by_chance = float(sum(np.mean(first == intent) * np.mean(second == intent) for intent in intents))
    return 1.0 if by_chance == 1.0 else (observed - by_chance) / (1.0 - by_chance)
