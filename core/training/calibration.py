"""Temperature scaling: one number that makes confidence honest."""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

LOG_RANGE = (-3.0, 3.0)
"""Searched temperatures are exp of this range: 0.05 to 20."""


LIKELY_SPREAD = 0.2
"""Standard deviation of log T where little is known of it: trained models are seldom wrong by more than a fifth."""

TAUGHT_SPREAD = 0.05
"""The same of a model taught a teacher's beliefs, which already say how sure one can be."""


def fit_temperature(
    logits: np.ndarray, labels: np.ndarray, groups: np.ndarray | None = None, spread: float = LIKELY_SPREAD
) -> float:
    """The temperature T > 0 for which softmax(logits / T) has the least log loss (Guo et al. 2017).

    With groups, such as sessions, whose labels say nearly the same, the loss of each whole group counts as that of
    one label, beside a normal prior of log T around 0: ten sessions tell too little to turn confidence upside down.

    Args:
        logits: [N, K]; labels: [N] int64; groups: [N] of any kind; spread: of the prior.
    """
    rows = np.arange(len(labels))
    weight = 0.0 if groups is None else 1 / (2 * spread**2 * len(np.unique(groups)))

    def loss(log_temperature: float) -> float:
        scaled = log_softmax(logits / np.exp(log_temperature), axis=1)
        return float(-scaled[rows, labels].mean()) + weight * log_temperature**2

    return float(np.exp(minimize_scalar(loss, bounds=LOG_RANGE, method="bounded").x))
