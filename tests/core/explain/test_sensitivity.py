"""How steady a heatmap is, on models whose steadiness is known."""

import torch

from core.explain.methods.registry import METHODS
from core.explain.sensitivity import RADIUS, measure_sensitivity
from tests.core.explain.toys import linear, prediction_of

VALUES = torch.randn(5, 2, 3, generator=torch.Generator().manual_seed(1))


def _wild(inputs: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    return torch.sin(400 * inputs).sum(dim=(1, 2, 3))


def test_a_heatmap_of_a_linear_model_moves_no_further_than_its_input() -> None:
    measured = measure_sensitivity(prediction_of(linear(torch.ones(5, 2, 3)), VALUES), METHODS["integrated_gradients"])
    assert 0 < measured < 3 * RADIUS


def test_a_model_that_turns_at_every_step_has_an_unsteady_heatmap() -> None:
    measured = measure_sensitivity(prediction_of(_wild, VALUES), METHODS["gradient_times_input"])
    assert measured > 0.5


def test_the_draws_are_seeded_and_leave_the_chance_of_others_alone() -> None:
    prediction, method = prediction_of(_wild, VALUES), METHODS["gradient_times_input"]
    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)
    assert measure_sensitivity(prediction, method) == measure_sensitivity(prediction, method)
    assert torch.equal(torch.rand(1), expected)
