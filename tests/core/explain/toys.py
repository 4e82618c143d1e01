"""Models small enough to explain by hand."""

import torch
from torch import Tensor

from core.explain.prediction import Prediction, Probability


def prediction_of(
    probability: Probability,
    values: Tensor,
    baseline: Tensor | None = None,
    *,
    attends_to: int | None = None,
    attention: Tensor | None = None,
) -> Prediction:
    """A prediction whose input is `values` [T, F, d]; the mean event is zero unless given.

    It shows attention where told to: `attention` [L, T, T], or one layer that attends to one event only.
    """
    inputs = values[None]
    if attends_to is not None:
        attention = torch.zeros(1, len(values), len(values))
        attention[:, :, attends_to] = 1
    return Prediction(
        probability=probability,
        field_embeddings=inputs,
        baseline_input=(torch.zeros_like(values) if baseline is None else baseline)[None].expand_as(inputs),
        attention_mask=torch.ones(1, values.shape[0], dtype=torch.bool),
        attentions=None if attention is None else lambda: attention,
    )


def linear(weights: Tensor) -> Probability:
    """f(x) = Σ w·x over events, fields and dimensions: each part's attribution is w·(x − baseline), exactly."""
    return lambda inputs, mask: (inputs * weights).sum(dim=(1, 2, 3))


def noisy_or(inputs: Tensor, mask: Tensor) -> Tensor:
    """1 − Π (1 − x): symmetric in every event and field, and far from linear."""
    return 1 - (1 - inputs).prod(dim=1).prod(dim=1).prod(dim=1)
