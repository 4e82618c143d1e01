"""Temperature scaling: one number that makes confidence honest."""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

LOG_RANGE = (-3.0, 3.0)
"""Searched temperatures are exp of this range: 0.05 to 20."""


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The temperature T > 0 for which softmax(logits / T) has the least log loss (Guo et al. 2017).

    Args:
        logits: [N, K]; labels: [N] int64.
    """
    rows = np.arange(len(labels))

    def loss(log_temperature: float) -> float:
        scaled = log_softmax(logits / np.exp(log_temperature), axis=1)
        return float(-scaled[rows, labels].mean())

    return float(np.exp(minimize_scalar(loss, bounds=LOG_RANGE, method="bounded").x))
