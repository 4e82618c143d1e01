"""Where continued training begins: the head refitted to the labels, held close to yesterday's (a convex problem)."""

import torch
import torch.nn.functional as F

from core.model.heads import IntentHead
from core.training.linear_probe import DEFAULT_PENALTY
from core.training.minimize import minimize

_STEPS = 60


def fit_near(head: IntentHead, forecasts: torch.Tensor, targets: torch.Tensor, weights: torch.Tensor) -> None:
    """Move the head to the least weighted cross entropy plus a penalty on its distance from where it stands.

    Starting-point regularisation (L2-SP, Li et al. 2018): what today's labels do not speak of stays as it was.

    Args:
        forecasts: [R, FORECAST_SIZE]; targets: [R, K], soft; weights: [R].
    """
    scaled = head.standardize(forecasts)
    start = (head.output.weight.detach().clone(), head.output.bias.detach().clone())
    weight, bias = (value.clone().requires_grad_() for value in start)

    def loss() -> torch.Tensor:
        losses = F.cross_entropy(scaled @ weight.T + bias, targets, reduction="none")
        distance = (weight - start[0]).square().sum()
        return (losses * weights).sum() + DEFAULT_PENALTY / 2 * distance

    minimize(loss, [weight, bias], _STEPS)
    with torch.no_grad():
        head.output.weight.copy_(weight)
        head.output.bias.copy_(bias)
