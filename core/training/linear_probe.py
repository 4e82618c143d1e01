"""The intent head as penalised logistic regression on the states: where fine-tuning begins (Kumar et al. 2022, LP-FT).

A head fitted to a convex loss in milliseconds does not depend on luck, and the states it is fitted on stay as
pretrained; the strength of the penalty is chosen by grouped cross-validation.
"""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from core.model.heads import IntentHead

PENALTIES: tuple[float, ...] = (10.0, 30.0, 100.0, 300.0)
DEFAULT_PENALTY = 100.0
_FOLDS = 5
_LEAST_GROUPS = 20
_STEPS = 60


@dataclass(frozen=True)
class ProbeRows:
    """States [R, d], soft targets [R, K], weights [R] and groups [R] (a group is never split between folds)."""

    states: torch.Tensor
    targets: torch.Tensor
    weights: torch.Tensor
    groups: np.ndarray
    decisive: torch.Tensor

    def take(self, chosen: np.ndarray) -> "ProbeRows":
        """The chosen rows ([R] bool)."""
        mask = torch.from_numpy(chosen)
        return ProbeRows(
            self.states[mask], self.targets[mask], self.weights[mask], self.groups[chosen], self.decisive[mask]
        )


def fit_head(head: IntentHead, rows: ProbeRows, seed: int) -> float:
    """Set the head's weights to the regression's; returns the penalty that was chosen."""
    center, spread = rows.states.mean(dim=0), rows.states.std(dim=0).clamp_min(1e-4)
    scaled = ProbeRows((rows.states - center) / spread, rows.targets, rows.weights, rows.groups, rows.decisive)
    penalty = _choose_penalty(scaled, seed)
    weight, bias = _regress(scaled, penalty)
    with torch.no_grad():
        head.output.weight.copy_(weight / spread)
        head.output.bias.copy_(bias - (weight / spread) @ center)
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
    logits = test.states @ weight.T + bias
    return float((F.cross_entropy(logits, test.targets, reduction="none") * test.decisive).sum())


def _regress(rows: ProbeRows, penalty: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Weights [K, d] and bias [K] that minimise the weighted cross entropy plus penalty / 2 * |weights|^2."""
    weight = torch.zeros(rows.targets.shape[1], rows.states.shape[1], requires_grad=True)
    bias = torch.zeros(rows.targets.shape[1], requires_grad=True)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=_STEPS, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        losses = F.cross_entropy(rows.states @ weight.T + bias, rows.targets, reduction="none")
        loss = (losses * rows.weights).sum() + penalty / 2 * weight.square().sum()
        torch.autograd.backward(loss)
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    return weight.detach(), bias.detach()
