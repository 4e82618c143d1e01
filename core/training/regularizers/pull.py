"""Weights are pulled back to where they began (L2-SP, Li et al. 2018), not to zero.

When to use it: fine-tuning that forgets what pretraining knew. When not: training from nothing.
"""

import torch
from torch import nn

from core.model.session_model import SessionModel
from core.training.loop import Losses
from core.training.prepared import PreparedEvents
from core.training.regularizers.regularizer import LabeledStep, Regularizer


class Pull(Regularizer):
    """Strength: factor of the squared distance."""

    def begin(self, model: SessionModel, prepared: PreparedEvents) -> None:
        self._start = [(weight, weight.detach().clone()) for weight in _weights(model)]

    def losses(self, step: LabeledStep) -> Losses:
        distance = torch.stack([(weight - start).square().sum() for weight, start in self._start])
        return {"pull": self.strength / 2 * distance.sum()}


def _weights(model: SessionModel) -> list[nn.Parameter]:
    parts = (model.event_encoder, model.backbone, model.next_event)
    return [weight for part in parts for weight in part.parameters() if weight.requires_grad]
