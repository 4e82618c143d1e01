"""The skeleton of a regulariser: what it makes of a step's events, and what it adds to the step's loss."""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from core.model.batch import EventBatch
from core.model.session_model import SessionModel
from core.model.window import Windows
from core.training.loop import Losses
from core.training.prepared import PreparedEvents


@dataclass(frozen=True)
class LabeledStep:
    """A step as a regulariser sees it.

    batch: what the model saw; unmasked: the same windows with no field hidden
    fields: [B, T, F, d]; states: [B, T, d]; labeled: [B, T] bool; logits: [R, K] at the labeled events
    targets: [R, K]; weights: [R]
    """

    model: SessionModel
    batch: EventBatch
    unmasked: EventBatch
    fields: torch.Tensor
    states: torch.Tensor
    labeled: torch.Tensor
    logits: torch.Tensor
    targets: torch.Tensor
    weights: torch.Tensor
    generator: torch.Generator

    def read(self, states: torch.Tensor) -> torch.Tensor:
        """Logits [..., K] of states [..., d]."""
        head = self.model.intent_head
        if head is None:
            raise ValueError("the model has no intent head, expected one made by with_intents.")
        logits: torch.Tensor = head(self.model.next_event.forecast(states))
        return logits

    def loss(self, logits: torch.Tensor, targets: torch.Tensor | None = None) -> torch.Tensor:
        """The weighted cross entropy [] of logits [R, K]."""
        losses = F.cross_entropy(logits, self.targets if targets is None else targets, reduction="none")
        return (losses * self.weights).sum() / self.weights.sum().clamp_min(1e-6)


class Regularizer:
    """Off at strength 0; the argument of its name gives the strength."""

    def __init__(self, strength: float) -> None:
        self.strength = strength

    def begin(self, model: SessionModel, prepared: PreparedEvents) -> None:
        """Called once, before the first step."""

    def crop(self, windows: Windows, first: np.ndarray, random: np.random.Generator) -> Windows:
        """The step's windows, begun later, but not after the first label in each ([B] int64 offset)."""
        return windows

    def change(self, batch: EventBatch, labeled: torch.Tensor, generator: torch.Generator) -> EventBatch:
        """The step's events, changed; what is labeled ([B, T] bool) stays where it is."""
        return batch

    def losses(self, step: LabeledStep) -> Losses:
        """What it adds to the loss of the labels."""
        return {}

    def stepped(self, model: SessionModel) -> None:
        """Called after each step."""

    def finish(self, model: SessionModel) -> None:
        """Called before the model is measured or delivered."""
