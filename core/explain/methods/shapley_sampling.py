"""Shapley values of the events, by sampling orders in which they happen.

Source: Castro, Gómez, Tejada 2009, Computers & Operations Research 36(5); each order is followed by its reverse, which
evens out much of the chance (Mitchell et al. 2022, arXiv 2104.12199).
"""

import math
from itertools import permutations
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from core.explain.methods.method import Attributions, Method, Unit, blocks_of, shared_out
from core.explain.prediction import Prediction

POSITIONS = 49_152
"""Events asked about at most; longer sessions take several early events as one."""
LEAST_ORDERS = 8
MOST_ORDERS = 40
_EXACT_UP_TO = 4
"""Players whose every order is followed: 4! = 24."""


class ShapleyValueSampling(Method):
    """What each event adds on average, over the orders in which the mean event could give way to them.

    When: events that say the same, or only together: they share what they say fairly, and the shares add up.
    Not: for fields (50 events have 650 cells, too many to sample), or where the sampling error is large.

    Args:
        seed: of the orders drawn.
    """

    name: ClassVar[str] = "shapley_sampling"
    unit: ClassVar[Unit] = "event"
    is_complete: ClassVar[bool] = True

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed

    def attribute(self, prediction: Prediction) -> Attributions:
        asked = max(2 * LEAST_ORDERS, POSITIONS // prediction.event_count)
        blocks = blocks_of(prediction.event_count, max(2, asked // LEAST_ORDERS))
        orders = self._orders(len(blocks), asked // len(blocks))
        gains = torch.stack([_gains(prediction, blocks, order) for order in orders])  # [orders, G]
        values = gains.mean(dim=0)
        exact = len(blocks) <= _EXACT_UP_TO
        return Attributions(
            values=shared_out(values[:, None], blocks),
            steps=len(orders) * len(blocks),
            block=int(blocks.sum(dim=1).max()),
            sampling_error=0.0 if exact else _sampling_error(gains, values),
        )

    def _orders(self, players: int, affordable: int) -> list[np.ndarray]:
        if players <= _EXACT_UP_TO:
            return [np.array(order) for order in permutations(range(players))]
        random = np.random.default_rng(self._seed)
        pairs = min(max(affordable, LEAST_ORDERS), MOST_ORDERS) // 2
        drawn = [random.permutation(players) for _ in range(pairs)]
        return [order for one in drawn for order in (one, one[::-1].copy())]


def _gains(prediction: Prediction, blocks: Tensor, order: np.ndarray) -> Tensor:
    """[G] float64: what each block adds when the blocks come in this order."""
    coming = blocks[torch.from_numpy(order)].cumsum(dim=0).bool()
    kept = torch.cat([torch.zeros(1, prediction.event_count, dtype=torch.bool), coming])
    added = prediction.keep_events(kept).double().diff()
    gains = torch.empty_like(added)
    gains[torch.from_numpy(order)] = added
    return gains


def _sampling_error(gains: Tensor, values: Tensor) -> float:
    """Root mean square standard error of the values, as a share of their own root mean square."""
    pairs = (gains[0::2] + gains[1::2]) / 2
    error = pairs.std(dim=0) / math.sqrt(len(pairs))
    size = float(values.square().mean().sqrt())
    return float(error.square().mean().sqrt()) / size if size > 0 else 0.0
