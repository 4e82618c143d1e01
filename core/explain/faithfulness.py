"""Does the model really use what the heatmap says? Comprehensiveness, sufficiency and leave-one-event-out."""

import numpy as np
import numpy.typing as npt
import torch
from scipy.stats import kendalltau

from core.explain.heatmap import Faithfulness
from core.explain.prediction import Prediction

FRACTIONS = (0.1, 0.2, 0.5)
"""Shares of the events that are taken away or kept, as in ERASER (DeYoung et al. 2020)."""


def measure_faithfulness(prediction: Prediction, event_totals: npt.NDArray[np.float32]) -> Faithfulness:
    """Take the most important events away, keep only them, and leave out each alone; compare with the heatmap.

    Args:
        prediction: the explained prediction of T events.
        event_totals: [T] float32, what the heatmap says each event adds.
    """
    everything = torch.ones(1, prediction.event_count, dtype=torch.bool)
    top = _top_events(event_totals)
    alone = ~torch.eye(prediction.event_count, dtype=torch.bool)
    probabilities = prediction.keep_events(torch.cat([everything, ~top, top, alone])).double().numpy()
    full, without, only, left_out = np.split(probabilities, np.cumsum([1, len(top), len(top)]))
    return Faithfulness(
        comprehensiveness=float(np.mean(full - without)),
        sufficiency=float(np.mean(full - only)),
        agreement=kendall_tau(event_totals, full - left_out),
    )


def _top_events(event_totals: npt.NDArray[np.float32]) -> torch.Tensor:
    """[len(FRACTIONS), T] bool: the events with the largest totals, at least one."""
    count = len(event_totals)
    ranks = np.empty(count, dtype=np.int64)
    ranks[np.argsort(-event_totals, kind="stable")] = np.arange(count)
    return torch.from_numpy(np.stack([ranks < max(1, round(fraction * count)) for fraction in FRACTIONS]))


def kendall_tau(left: npt.NDArray[np.floating], right: npt.NDArray[np.floating]) -> float:
    """Kendall's τ-b (Kendall 1945), where ties shrink the denominator; NaN below 3 values or where all are tied."""
    return float(kendalltau(left, right).statistic) if len(left) >= 3 else float("nan")
