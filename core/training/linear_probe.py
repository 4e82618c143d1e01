"""The intent head as penalised logistic regression on the forecasts: where fine-tuning begins.

A head fitted to a convex loss in milliseconds does not depend on luck, and what it is fitted on stays as pretrained
(linear probing, then fine-tuning: Kumar et al. 2022); grouped cross-validation chooses the penalty.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F

from core.model.heads import IntentHead
from core.training.minimize import minimize

PENALTIES: tuple[float, ...] = (10.0, 30.0, 100.0, 300.0)
DEFAULT_PENALTY = 100.0
_FOLDS = 5
_LEAST_GROUPS = 20
_STEPS = 60
_LEAST_SPREAD = 0.02
"""What hardly varies is not blown up to the size of what does: it is noise."""


@dataclass(frozen=True)
class ProbeRows:
    """One row a labeled event; rows of a group are never split between folds.

    forecasts: [R, FORECAST_SIZE] float32; targets: [R, K] float32, soft; weights: [R] float32
    groups: [R] int64; decisive: [R] bool, the rows that count when penalties are compared
    """

    forecasts: torch.Tensor
    targets: torch.Tensor
    weights: torch.Tensor
    groups: np.ndarray
    decisive: torch.Tensor

    def take(self, chosen: np.ndarray) -> "ProbeRows":
        """The chosen rows ([R] bool)."""
        mask = torch.from_numpy(chosen)
        return ProbeRows(
            self.forecasts[mask], self.targets[mask], self.weights[mask], self.groups[chosen], self.decisive[mask]
        )


def fit_head(head: IntentHead, rows: ProbeRows, seed: int) -> float:
    """Set the head's weights to the regression's; returns the penalty that was chosen."""
    head.center.copy_(rows.forecasts.mean(dim=0))
    head.spread.copy_(rows.forecasts.std(dim=0).clamp_min(_LEAST_SPREAD))
    scaled = replace(rows, forecasts=head.standardize(rows.forecasts))
    penalty = _choose_penalty(scaled, seed)
    weight, bias = _regress(scaled, penalty)
    with torch.no_grad():
        head.output.weight.copy_(weight)
        head.output.bias.copy_(bias)
    return penalty


def _choose_penalty(rows: ProbeRows, seed: int) -> float:
    """The penalty with the least log loss at the decisive rows of held-out groups."""
    groups = np.unique(rows.groups)
    if len(groups) < _LEAST_GROUPS:
        return DEFAULT_PENALTY
    fold_of = dict(zip(np.random.default_rng(seed).permutation(groups), np.arange(len(groups)) % _FOLDS, strict=True))
    fold = np.array([fold_of[group] for group in rows.groups])
    losses = {penalty: sum(_fold_loss(rows, fold == held, penalty) for held in range(_FOLDS)) for penalty in PENALTIES}
    return min(losses, key=lambda penalty: losses[penalty])


def _fold_loss(rows: ProbeRows, held: np.ndarray, penalty: float) -> float:
    weight, bias = _regress(rows.take(~held), penalty)
    test = rows.take(held)
    logits = test.forecasts @ weight.T + bias
    return float((F.cross_entropy(logits, test.targets, reduction="none") * test.decisive).sum())


def _regress(rows: ProbeRows, penalty: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Weights [K, d] and bias [K] that minimise the weighted cross entropy plus penalty / 2 * |weights|^2."""
    weight = torch.zeros(rows.targets.shape[1], rows.forecasts.shape[1], requires_grad=True)
    bias = torch.zeros(rows.targets.shape[1], requires_grad=True)

    def loss() -> torch.Tensor:
        losses = F.cross_entropy(rows.forecasts @ weight.T + bias, rows.targets, reduction="none")
        return (losses * rows.weights).sum() + penalty / 2 * weight.square().sum()

    minimize(loss, [weight, bias], _STEPS)
    return weight.detach(), bias.detach()
