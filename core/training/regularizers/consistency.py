"""Two differently masked views of the same events must agree (R-drop, Liang et al. 2021).

R-drop draws the two views by dropout; this model has none, so other fields are hidden instead.
When to use it: few labels, fields that are often missing. When not: when time is short, each step costs two.
"""

import torch
import torch.nn.functional as F

from core.training.loop import Losses
from core.training.masking import mask_fields
from core.training.regularizers.regularizer import LabeledStep, Regularizer

_MASKING = 0.15


class Consistency(Regularizer):
    """Strength: weight of the divergence between the two views' answers."""

    def losses(self, step: LabeledStep) -> Losses:
        seen, _ = mask_fields(step.unmasked, _MASKING, step.generator)
        other = F.log_softmax(step.model(seen).intent_logits[step.labeled], dim=-1)
        one = F.log_softmax(step.logits, dim=-1)
        return {"consistency": self.strength * (_divergence(one, other) + _divergence(other, one)) / 2}


def _divergence(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    return F.kl_div(one, other, log_target=True, reduction="batchmean")
