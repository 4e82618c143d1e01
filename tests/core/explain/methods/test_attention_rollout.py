"""Attention rollout by hand, and what it needs."""

import numpy as np
import pytest
import torch

from core.errors import NotFoundError
from core.explain.methods.attention_rollout import AttentionRollout
from tests.core.explain.toys import noisy_or, prediction_of


def test_two_layers_are_multiplied_with_half_of_each_place_kept() -> None:
    layer = torch.tensor([[1.0, 0.0], [0.6, 0.4]])
    kept = (layer + torch.eye(2)) / 2
    prediction = prediction_of(noisy_or, torch.full((2, 1, 1), 0.5), attention=torch.stack([layer, layer]))
    found = AttentionRollout().attribute(prediction).values
    np.testing.assert_allclose(found[:, 0], (kept @ kept)[-1].numpy(), rtol=1e-6)
    assert found.sum() == pytest.approx(1)


def test_a_model_that_shows_no_attention_is_refused() -> None:
    with pytest.raises(NotFoundError, match="no attention"):
        AttentionRollout().attribute(prediction_of(noisy_or, torch.full((2, 1, 1), 0.5)))
