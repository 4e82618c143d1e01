"""Whether a model may be believed: how often it is right when it says it is so sure."""

import numpy as np
import pandas as pd

from core.evaluation.records import Records
from core.training.held_out import MODEL
from core.training.metrics import CALIBRATION_BINS

_Z = 1.959964
CURVE_COLUMNS = ("from", "to", "confidence", "right", "low", "high", "n")


def calibration_curve(records: Records, name: str = MODEL) -> pd.DataFrame:
    """CURVE_COLUMNS for each bin of confidence that has answers; `records` all carry a label.

    The bins are those of the calibration error, which is the mean distance of `confidence` and `right` by `n`.
    `low` and `high` are the 95 % interval of the share that is right (Wilson 1927).
    """
    confidence = records.answers[name].max(axis=1).astype(np.float64)
    right = records.guesses(name) == records.labels()
    place = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    rows = []
    for number in np.unique(place):
        inside = place == number
        share, n = float(right[inside].mean()), int(inside.sum())
        edges = (number / CALIBRATION_BINS, (number + 1) / CALIBRATION_BINS)
        rows.append((*edges, float(confidence[inside].mean()), share, *wilson_interval(share, n), n))
    return pd.DataFrame(rows, columns=list(CURVE_COLUMNS))


def wilson_interval(share: float, n: int) -> tuple[float, float]:
    """The 95 % interval of a share seen in n > 0 trials (Wilson 1927, J. of the American Statistical Assoc. 22)."""
    center = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * float(np.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2)))
    return max(0.0, center - half), min(1.0, center + half)
