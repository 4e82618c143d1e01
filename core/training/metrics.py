"""Quality of predicted intents: per-intent and macro figures, calibration, bootstrap intervals."""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score, confusion_matrix, precision_recall_fscore_support

CALIBRATION_BINS = 10
BOOTSTRAP_ROUNDS = 200
INTERVAL = (2.5, 97.5)


def evaluate_probabilities(labels: np.ndarray, probabilities: np.ndarray) -> dict[str, Any]:
    """Figures of probabilities [N, K] against labels [N] int64, ready for JSON.

    Returns:
        macro_f1 (over the intents that occur in the labels), per_intent (a list of K: precision, recall, f1, pr_auc,
        base_rate, support; pr_auc is None for an intent that never occurs), ece, brier, confusion [K][K] (row = label).
    """
    guessed = probabilities.argmax(axis=1)
    ids = np.arange(probabilities.shape[1])
    precision, recall, f1, support = precision_recall_fscore_support(labels, guessed, labels=ids, zero_division=0.0)
    per_intent = [
        {
            "precision": float(precision[k]),
            "recall": float(recall[k]),
            "f1": float(f1[k]),
            "pr_auc": float(average_precision_score(labels == k, probabilities[:, k])) if support[k] else None,
            "base_rate": float(support[k] / len(labels)),
            "support": int(support[k]),
        }
        for k in ids
    ]
    return {
        "macro_f1": macro_f1(labels, probabilities),
        "per_intent": per_intent,
        "ece": expected_calibration_error(labels, probabilities),
        "brier": brier_score(labels, probabilities),
        "confusion": confusion_matrix(labels, guessed, labels=ids).tolist(),
    }


def macro_f1(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean F1 over the intents that occur in labels [N]; the likeliest of probabilities [N, K] is the guess.

    Counted by hand: scikit-learn's f1_score, which a test holds it equal to, takes a hundred times as long, and
    bootstrapping asks hundreds of times.
    """
    intents = probabilities.shape[1]
    confusion = np.bincount(labels * intents + probabilities.argmax(axis=1), minlength=intents**2)
    confusion = confusion.reshape(intents, intents)
    truth, guessed = confusion.sum(axis=1), confusion.sum(axis=0)
    occurs = truth > 0
    return float((2 * confusion.diagonal()[occurs] / (truth + guessed)[occurs]).mean())


def expected_calibration_error(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean distance of confidence and accuracy over equal-width bins of confidence (Guo et al. 2017)."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    place = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    gap = np.bincount(place, weights=right - confidence, minlength=CALIBRATION_BINS)
    return float(np.abs(gap).sum() / len(labels))


def brier_score(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean squared distance of probabilities [N, K] from the label's one-hot: 0 perfect, 2 worst (Brier 1950)."""
    return float(np.square(probabilities - np.eye(probabilities.shape[1])[labels]).sum(axis=1).mean())


def bootstrap_interval(
    metric: Callable[[np.ndarray, np.ndarray], float],
    labels: np.ndarray,
    probabilities: np.ndarray,
    groups: np.ndarray,
    seed: int = 0,
) -> tuple[float, float]:
    """95 % percentile interval of a metric; whole groups ([N], such as visitors) are drawn (Efron and Tibshirani 1993).

    Rows of one visitor are alike, so drawing single rows would make the interval too narrow.
    """
    random = np.random.default_rng(seed)
    _, codes = np.unique(groups, return_inverse=True)
    order = np.argsort(codes, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(codes))[:-1])
    values = []
    for _ in range(BOOTSTRAP_ROUNDS):
        rows = np.concatenate([members[group] for group in random.integers(0, len(members), len(members))])
        values.append(metric(labels[rows], probabilities[rows]))
    low, high = np.percentile(values, INTERVAL)
    return float(low), float(high)


def standard_error(values: np.ndarray, groups: np.ndarray) -> float:
    """Of the mean of values [R] that hang together within groups [R] (Liang and Zeger 1986); 0 for one group only."""
    sums = np.bincount(np.unique(groups, return_inverse=True)[1], weights=values - values.mean())
    return float(np.sqrt(np.square(sums).sum()) / len(values)) if len(sums) > 1 else 0.0
