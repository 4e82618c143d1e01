"""Mixup of sessions (Zhang et al. 2018) at their states (Verma et al. 2019): between two sessions, between answers.

When to use it: over-sure models. When not: rare intents, which get mixed with the frequent ones.
"""

import torch

from core.training.loop import Losses
from core.training.regularizers.regularizer import LabeledStep, Regularizer


class Mixup(Regularizer):
    """Strength: alpha of the Beta(alpha, alpha) law that the shares are drawn from."""

    def losses(self, step: LabeledStep) -> Losses:
        states = step.states[step.labeled]  # [R, d]
        partner = torch.randperm(len(states), generator=step.generator)
        share = self._shares(len(states), step.generator)[:, None]
        mixed = share * states + (1 - share) * states[partner]
        targets = share * step.targets + (1 - share) * step.targets[partner]
        return {"mixup": step.loss(step.read(mixed), targets)}

    def _shares(self, count: int, generator: torch.Generator) -> torch.Tensor:
        alpha = torch.full((count, 2), self.strength)
        return torch._sample_dirichlet(alpha, generator=generator)[:, 0]
