"""Kinds of behaviour before the first label, as the product finds them, in the pool alone."""

import numpy as np
import torch

from core.training.semisupervised.kinds import believed_kinds
from tests.benchmarks.active_shop import ActiveShop


def kinds_of_pool(shop: ActiveShop, kinds: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Kind [P] and sureness [P] of each session of the pool at its end."""
    fitted = ~shop.bench.held_out
    forecasts = shop.forecasts[torch.from_numpy(fitted)]
    beliefs = believed_kinds(shop.table, forecasts, fitted, kinds, seed)[shop.ends].numpy()
    return beliefs.argmax(axis=1), beliefs.max(axis=1)
