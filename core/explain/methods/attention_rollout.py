"""Attention rollout: how much of each event's place the last place has read, through all layers.

Source: Abnar and Zuidema 2020 (arXiv 2005.00928). Attention is no explanation (Jain and Wallace 2019, arXiv
1902.10186): it has no sign, knows no intent and no field, and says where the model looked, not what it made of it.
"""

from typing import ClassVar

import torch

from core.errors import NotFoundError
from core.explain.methods.method import Attributions, Kind, Method, Unit
from core.explain.prediction import Prediction


class AttentionRollout(Method):
    """Where the model looked; the same for every intent.

    When: out of curiosity.
    Not: to explain anything.
    """

    name: ClassVar[str] = "attention_rollout"
    unit: ClassVar[Unit] = "event"
    kind: ClassVar[Kind] = "curiosity"
    needs_attentions: ClassVar[bool] = True

    def attribute(self, prediction: Prediction) -> Attributions:
        if prediction.attentions is None:
            raise NotFoundError("This model shows no attention to roll out; choose another method.")
        events = prediction.event_count
        read = torch.eye(events)
        for layer in prediction.attentions():
            mixed = layer + torch.eye(events)  # the residual stream carries as much as the attention does
            read = mixed / mixed.sum(dim=-1, keepdim=True) @ read
        return Attributions(read[-1, :, None].numpy(), 1)
