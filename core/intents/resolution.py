"""Probabilities of models that were trained with an older taxonomy, as they count now."""

from collections.abc import Mapping, Sequence

import numpy as np


def meanings(intents: Sequence[str], merged: Mapping[str, str]) -> tuple[str, ...]:
    """What each of a model's intents counts as now; two may count as the same one.

    Args:
        merged: as `taxonomy.merged_intents`.
    """
    return tuple(merged.get(intent, intent) for intent in intents)


def pooled(values: np.ndarray, intents: Sequence[str], merged: Mapping[str, str]) -> tuple[tuple[str, ...], np.ndarray]:
    """Probabilities [N, K] with those of merged intents added to what they count as: the intents and [N, K' <= K]."""
    now = meanings(intents, merged)
    left = tuple(dict.fromkeys(now))
    if len(left) == len(now):
        return left, values
    places = np.array([left.index(intent) for intent in now])
    sums = np.zeros((values.shape[0], len(left)), dtype=values.dtype)
    np.add.at(sums.T, places, values.T)
    return left, sums
