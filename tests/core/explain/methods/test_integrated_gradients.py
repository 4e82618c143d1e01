"""Integrated Gradients: how many steps it takes."""

import torch

from core.explain.methods.integrated_gradients import MOST_STEPS, IntegratedGradients
from tests.core.explain.toys import prediction_of


def test_steps_are_doubled_until_the_attributions_add_up() -> None:
    def kinked(inputs: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return torch.relu(inputs.sum(dim=(1, 2, 3)) - 0.9)

    found = IntegratedGradients(n_steps=2).attribute(prediction_of(kinked, torch.full((2, 1, 1), 0.52)))
    assert found.steps > 2
    assert abs(float(found.values.sum()) - 0.14) <= 0.01 * 0.14 or found.steps > MOST_STEPS / 2
