"""Which labeled events a model sees as it sees another: the cosine between its last hidden states."""

import numpy as np

_LEAST_LENGTH = 1e-12


def unit(vectors: np.ndarray) -> np.ndarray:
    """[.., d] of length one."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: np.ndarray = vectors / np.maximum(length, _LEAST_LENGTH)
    return scaled


def similarities(units: np.ndarray, state: np.ndarray) -> np.ndarray:
    """[T] cosines, −1 to 1, of `units` [T, d] with a state [d]."""
    found: np.ndarray = units @ unit(state)
    return found
