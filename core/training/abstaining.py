"""When to say nothing: a confidence below which answers are withheld, and what that costs in coverage."""

from typing import Any

import numpy as np

_CURVE_POINTS = 20


def coverage_curve(labels: np.ndarray, probabilities: np.ndarray) -> list[dict[str, float]]:
    """Coverage, accuracy of the answers given, and the confidence at which both hold; the surest answers first.

    Args:
        labels: [N] int64; probabilities: [N, K].
    """
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    order = np.argsort(-confidence, kind="stable")
    accuracy = np.cumsum(right[order]) / np.arange(1, len(labels) + 1)
    places = np.unique(np.linspace(0, len(labels) - 1, min(_CURVE_POINTS, len(labels))).round().astype(int))
    return [
        {
            "coverage": float((place + 1) / len(labels)),
            "accuracy": float(accuracy[place]),
            "confidence": float(confidence[order[place]]),
        }
        for place in places
    ]


def threshold_for_accuracy(labels: np.ndarray, probabilities: np.ndarray, wanted: float) -> float:
    """The least confidence whose answers reach the wanted accuracy: 0 answers always, above 1 would never answer.

    Where no threshold reaches it, the one with the best accuracy among those that still answer a tenth.
    """
    if wanted <= 0:
        return 0.0
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    order = np.argsort(-confidence, kind="stable")
    accuracy = np.cumsum(right[order]) / np.arange(1, len(labels) + 1)
    reached = np.flatnonzero(accuracy >= wanted)
    least = max(1, len(labels) // 10)
    reached = reached[reached >= least - 1]
    place = int(reached[-1]) if len(reached) else least - 1 + int(accuracy[least - 1 :].argmax())
    return 0.0 if place == len(labels) - 1 else float(confidence[order[place]])


def abstaining_measured(labels: np.ndarray, probabilities: np.ndarray, wanted: float, seed: int) -> dict[str, Any]:
    """Coverage and accuracy with a threshold chosen on one half and measured on the other, both ways."""
    half = np.random.default_rng(seed).permutation(len(labels)) % 2 == 0
    answered = np.zeros(len(labels), dtype=bool)
    for chosen in (half, ~half):
        threshold = threshold_for_accuracy(labels[chosen], probabilities[chosen], wanted)
        answered[~chosen] = probabilities[~chosen].max(axis=1) >= threshold
    right = probabilities.argmax(axis=1) == labels
    return {
        "wanted_accuracy": wanted,
        "coverage": float(answered.mean()),
        "accuracy": float(right[answered].mean()) if answered.any() else None,
    }
