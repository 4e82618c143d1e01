"""Integrated Gradients against theory, on models small enough to compute by hand."""

import pytest
import torch

from core.explain.attribution import integrate_gradients
from tests.core.explain.toys import linear, noisy_or, prediction_of


def test_a_linear_model_is_attributed_exactly() -> None:
    generator = torch.Generator().manual_seed(1)
    weights, values, baseline = (torch.randn(4, 3, 2, generator=generator) for _ in range(3))
    attributions, delta, _ = integrate_gradients(prediction_of(linear(weights), values, baseline), n_steps=5)
    torch.testing.assert_close(attributions[0], weights * (values - baseline), rtol=1e-5, atol=1e-5)
    assert abs(delta) < 1e-5


def test_attributions_sum_to_the_change_of_the_probability() -> None:
    values = torch.tensor([0.2, 0.9, 0.5, 0.7, 0.1, 0.3]).reshape(3, 2, 1)
    prediction = prediction_of(noisy_or, values)
    attributions, delta, _ = integrate_gradients(prediction, n_steps=20)
    change = noisy_or(values[None], prediction.attention_mask) - noisy_or(torch.zeros_like(values)[None], None)
    assert float(attributions.sum()) == pytest.approx(float(change), abs=1e-4)
    assert abs(delta) < 1e-4


def test_a_field_the_model_ignores_gets_nothing() -> None:
    values = torch.rand(5, 3, 4, generator=torch.Generator().manual_seed(2))
    weights = torch.ones(5, 3, 4)
    weights[:, 1] = 0
    attributions, _, _ = integrate_gradients(prediction_of(linear(weights), values), n_steps=5)
    assert attributions[0, :, 1].abs().max() == 0
    assert attributions[0, :, 0].abs().min() > 0


def test_equal_parts_of_a_symmetric_model_get_equal_shares() -> None:
    attributions, _, _ = integrate_gradients(prediction_of(noisy_or, torch.full((4, 2, 1), 0.3)), n_steps=20)
    torch.testing.assert_close(attributions, attributions.mean().expand_as(attributions), rtol=1e-5, atol=1e-6)


def test_steps_are_doubled_until_the_attributions_add_up() -> None:
    def kinked(inputs: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return torch.relu(inputs.sum(dim=(1, 2, 3)) - 0.9)

    _, delta, steps = integrate_gradients(prediction_of(kinked, torch.full((2, 1, 1), 0.52)), n_steps=2)
    assert steps > 2
    assert abs(delta) <= 0.01 * 0.14 or steps > 80
