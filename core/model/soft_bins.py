"""Numbers as learned soft bins: a value lights the bins near it, a missing one lights a bin of its own."""

import torch
from torch import nn

SPAN = 2.5
"""Standard deviations to either side of the mean that the bins lie over."""


class SoftBins(nn.Module):
    """[B, T, M] float32 (standardised, NaN = missing) -> [B, T, M, K + 1] weights that sum to 1 a number."""

    def __init__(self, numbers: int, bins: int) -> None:
        super().__init__()
        self.centers = nn.Parameter(torch.linspace(-SPAN, SPAN, bins).repeat(numbers, 1))
        self.sharpness = nn.Parameter(torch.full((numbers, 1), (bins / (2 * SPAN)) ** 2 / 2).log())

    def forward(self, numbers: torch.Tensor) -> torch.Tensor:
        missing = torch.isnan(numbers)
        value = numbers.masked_fill(missing, 0.0).clamp(-2 * SPAN, 2 * SPAN)
        distance = (value[..., None] - self.centers).square() * self.sharpness.exp()
        weights = torch.softmax(-distance, dim=-1).masked_fill(missing[..., None], 0.0)
        return torch.cat([weights, missing[..., None].to(weights.dtype)], dim=-1)  # [B, T, M, K + 1]
