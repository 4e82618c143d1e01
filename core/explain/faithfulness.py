"""Does the model really use what the heatmap says? Take events away and see whether the probability follows."""

import numpy as np
import numpy.typing as npt
import torch
from scipy.stats import kendalltau

from core.explain.prediction import Prediction
from core.explain.verdict import Faithfulness

FRACTIONS = (0.1, 0.2, 0.5)
"""Shares of the events that are taken away or kept, as in ERASER (DeYoung et al. 2020)."""
RANDOM_ORDERS = 4
RANDOM_SETS = 24
"""Sets of events taken away at random, for the infidelity; of every size from one event to all but one."""
LEFT_OUT_POSITIONS = 16_384
"""Events asked about at most when each is left out alone; of a session of more than 128 events that is a sample."""
_LEAST_SQUARE = 1e-8
"""Mean square fall (0.01 % of probability) below which nothing moves the probability."""

EventValues = npt.NDArray[np.float32]


def measure_faithfulness(prediction: Prediction, event_totals: EventValues, *, sums: bool = True) -> Faithfulness:
    """Take the most important events away, keep only them, leave out each alone and sets of them at random.

    Args:
        prediction: the explained prediction of T events.
        event_totals: [T] float32, what the heatmap says each event adds.
        sums: the totals are in units of probability, so that those of several events may be added up.
    """
    count = prediction.event_count
    random = np.random.default_rng(0)
    alone = _left_out(count, random)
    top = _top_events(event_totals)
    by_chance = torch.cat([_top_events(random.random(count)) for _ in range(RANDOM_ORDERS)])
    sets = random_sets(count, random)
    everything = torch.ones(1, count, dtype=torch.bool)
    kept = [everything, ~top, top, ~by_chance, ~torch.eye(count, dtype=torch.bool)[alone], ~sets]
    probabilities = prediction.keep_events(torch.cat(kept)).double().numpy()
    parts = np.split(probabilities, np.cumsum([len(part) for part in kept])[:-1])
    full, without, only, without_any, without_one, without_set = parts
    return Faithfulness(
        comprehensiveness=float(np.mean(full - without)),
        sufficiency=float(np.mean(full - only)),
        agreement=kendall_tau(event_totals[alone], full - without_one),
        left_out=len(alone),
        infidelity=infidelity(event_totals, sets.numpy(), full - without_set) if sums else float("nan"),
        chance=float(np.mean(full - without_any)) if count > 1 else float("nan"),
    )


def infidelity(event_totals: EventValues, sets: npt.NDArray[np.bool_], falls: npt.NDArray[np.float64]) -> float:
    """Mean squared error of the foretold falls ÷ mean squared fall.

    Args:
        event_totals: [T], what each event is said to add.
        sets: [N, T], the events that became the mean event.
        falls: [N], how far the probability fell.
    """
    square = float(np.mean(falls**2))
    if square < _LEAST_SQUARE:
        return float("nan")
    foretold = sets @ event_totals.astype(np.float64)
    return float(np.mean((foretold - falls) ** 2)) / square


def random_sets(count: int, random: np.random.Generator) -> torch.Tensor:
    """[RANDOM_SETS, T] bool: sets of sizes spread evenly from one event to all but one."""
    sizes = np.linspace(1, max(1, count - 1), RANDOM_SETS).round()
    ranks = random.random((RANDOM_SETS, count)).argsort(axis=1).argsort(axis=1)
    return torch.from_numpy(ranks < sizes[:, None])


def kendall_tau(left: npt.NDArray[np.floating], right: npt.NDArray[np.floating]) -> float:
    """Kendall's τ-b (Kendall 1945), where ties shrink the denominator; NaN below 3 values or where all are tied."""
    return float(kendalltau(left, right).statistic) if len(left) >= 3 else float("nan")


def _left_out(count: int, random: np.random.Generator) -> npt.NDArray[np.int64]:
    """The events to leave out alone: all, or as many as are affordable, drawn evenly and in order."""
    affordable = max(3, LEFT_OUT_POSITIONS // count)
    if count <= affordable:
        return np.arange(count)
    return np.sort(random.choice(count, affordable, replace=False))


def _top_events(event_totals: npt.NDArray[np.floating]) -> torch.Tensor:
    """[len(FRACTIONS), T] bool: the events with the largest totals, at least one."""
    count = len(event_totals)
    ranks = np.empty(count, dtype=np.int64)
    ranks[np.argsort(-event_totals, kind="stable")] = np.arange(count)
    return torch.from_numpy(np.stack([ranks < max(1, round(fraction * count)) for fraction in FRACTIONS]))
