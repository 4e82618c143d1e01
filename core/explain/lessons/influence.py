"""How much each labeled event moved a prediction: TracInCP over the last layer (Pruthi et al. 2020).

A step on a training loss ℓ(z) moves the log of a probability p(z') by the learning rate times −∇ℓ(z)·∇log p(z'), to
first order. Summed over checkpoints, that is the influence of z on z'. For a linear last layer over features h the
gradient of −ℓ by its weights is (y − p) ⊗ h and that of log p_a is (e_a − p) ⊗ h, so that

    influence(z, z') = Σ_checkpoints rate · ⟨h, h'⟩ · ⟨y − p, e_a − p'⟩

and nothing but two products of matrices is left. What the layers below learned is not in it, nor what a label taught
through a teacher. captum.influence.TracInCPFast computes the same numbers (a test holds that), but reads the whole
data set anew at every question, and knows no weights of rows and no question of one intent against another.
"""

from collections.abc import Sequence

import numpy as np

from core.explain.lessons.moments import Moment, Reading


def influences(moments: Sequence[Moment], readings: Sequence[Reading], target: int, against: int | None) -> np.ndarray:
    """[R] float64 of each labeled event on log p(target), or on log p(target) − log p(against); + speaks for it.

    Args:
        readings: of the explained event, by each moment's model.
    """
    total = np.zeros(len(moments[0].errors))
    for moment, reading in zip(moments, readings, strict=True):
        direction = -reading.raw.astype(np.float64)
        if against is not None:
            direction = np.zeros_like(direction)
            direction[against] = -1.0
        direction[target] += 1.0
        likeness = moment.features.astype(np.float64) @ reading.features.astype(np.float64)
        total += moment.learning_rate * likeness * (moment.errors.astype(np.float64) @ direction)
    return total


def shares(values: np.ndarray) -> np.ndarray:
    """Of all influence whatever its sign, −1 to 1; zeros where there is none."""
    whole = float(np.abs(values).sum())
    return values / whole if whole else np.zeros_like(values)
