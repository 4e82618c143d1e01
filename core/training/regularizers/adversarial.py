"""Fast gradient method on field embeddings (Miyato et al. 2017): be right also where the events look a little worse.

When to use it: few labels and noisy fields. When not: when time is short, each step takes twice as long.
"""

import torch

from core.training.loop import Losses
from core.training.regularizers.regularizer import LabeledStep, Regularizer


class Adversarial(Regularizer):
    """Strength: the length of the step against each event, as a share of its fields' own length."""

    def losses(self, step: LabeledStep) -> Losses:
        gradient = torch.autograd.grad(step.loss(step.logits), step.fields, retain_graph=True)[0]
        length = gradient.flatten(-2).norm(dim=-1).clamp_min(1e-12)[..., None, None]
        size = step.fields.detach().flatten(-2).norm(dim=-1)[..., None, None]
        worse = step.fields + self.strength * size * gradient / length
        logits = step.model(field_embeddings=worse).intent_logits[step.labeled]
        return {"adversarial": step.loss(logits)}
