"""What an objective is given, and the means that every objective takes."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from core.model.batch import EventBatch
from core.model.fields import FIRST_ID
from core.model.heads import level
from core.model.session_model import SessionModel
from core.training.loop import Losses


@dataclass(frozen=True)
class PretrainingStep:
    """One batch of B windows of T events, and what the model made of it.

    batch: the events as they were, nothing hidden; targets are read from it
    fields: [B, T, F, d] float32 field embeddings of what the model saw
    states: [B, T, d] float32 backbone states at every event
    hidden: [B, T, F] bool, fields hidden from the model
    generator: for what an objective draws at random
    """

    model: SessionModel
    batch: EventBatch
    fields: torch.Tensor
    states: torch.Tensor
    hidden: torch.Tensor
    generator: torch.Generator

    @property
    def follows(self) -> torch.Tensor:
        """[B, T - 1] bool, True where a real event follows: the mask of t + 1 implies that of t."""
        return self.batch.attention_mask[:, 1:]

    @property
    def before(self) -> torch.Tensor:
        """[M, d] states before each following event."""
        return self.states[:, :-1][self.follows]


Objective = Callable[[PretrainingStep], Losses]


def loss_of_codes(logits: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
    """Mean cross entropy [] of logits [M, size] to codes [M] int64 where they are known."""
    known = codes >= FIRST_ID
    return mean(F.cross_entropy(logits[known], codes[known], reduction="sum"), known)


def loss_of_levels(logits: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """Mean cross entropy [] of logits [M, LEVELS] to the levels of standardised numbers [M], NaN = missing."""
    known = ~torch.isnan(values)
    return mean(F.cross_entropy(logits[known], level(values[known]), reduction="sum"), known)


def mean(total: torch.Tensor, counted: torch.Tensor) -> torch.Tensor:
    """0, not NaN, where nothing was counted."""
    return total / counted.sum().clamp_min(1)
