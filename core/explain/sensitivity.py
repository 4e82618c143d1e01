"""How steady a heatmap is: shake its input a little and see how far it moves."""

from dataclasses import replace

import torch
from captum.metrics import sensitivity_max
from torch import Tensor

from core.explain.methods.method import Method
from core.explain.prediction import Prediction

SHAKES = 5
RADIUS = 0.02
"""Most that a number of the input moves, as a share of the root mean square distance from the mean event."""


def measure_sensitivity(prediction: Prediction, method: Method, seed: int = 0) -> float:
    """Largest change of the heatmap ÷ its size over SHAKES draws: `sensitivity_max` of Yeh et al. 2019, by Captum.

    A heatmap of zeros has no size; the change is then taken as it is.
    """

    def explained(inputs: tuple[Tensor]) -> tuple[Tensor]:
        shaken = [replace(prediction, field_embeddings=one[None], known_ends=None) for one in inputs[0]]
        return (torch.stack([torch.from_numpy(method.attribute(one).values) for one in shaken]),)

    distance = float((prediction.field_embeddings - prediction.baseline_input).square().mean().sqrt())
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        largest = sensitivity_max(
            explained,
            prediction.field_embeddings,
            perturb_radius=RADIUS * distance,
            n_perturb_samples=SHAKES,
            max_examples_per_batch=SHAKES,
        )
    return float(largest)
