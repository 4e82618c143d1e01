"""Tuning an encoder on few labels: texts of one intent are pulled together, others apart.

The loss is that of supervised contrastive learning (Khosla et al. 2020); to tune a sentence encoder so and to fit a
linear head afterwards is SetFit's recipe (Tunstall et al. 2022).
"""

import copy
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F

from core.model.foreign_encoder import ForeignTextEncoder
from core.training.context import TrainingContext
from core.training.loop import Losses, Phase, train_phase

INTENTS_A_BATCH = 16
TEXTS_AN_INTENT = 4
_TEMPERATURE = 0.1
_LEARNING_RATE = 5e-5


def tuned(
    context: TrainingContext,
    encoder: ForeignTextEncoder,
    texts: Sequence[str],
    labels: np.ndarray,
    epochs: int,
    phase: str,
) -> ForeignTextEncoder:
    """A tuned copy of the encoder.

    Raises:
        TrainingDivergedError, JobStoppedError.
    """
    torch.manual_seed(context.spec.seed)
    model = copy.deepcopy(encoder.model).requires_grad_(True)
    learner = ForeignTextEncoder(model, encoder.tokenizer, encoder.name)
    model.requires_grad_(True)
    batches = _Batches(labels, context.spec.seed)
    steps = max(1, epochs * len(labels) // batches.size)

    def step(number: int) -> Losses:
        rows = batches.draw(number)
        vectors = F.normalize(learner.states([texts[row] for row in rows]), dim=-1)
        return {"contrast": contrast(vectors, torch.from_numpy(labels[rows]))}

    train_phase(Phase(phase, 0, steps, _LEARNING_RATE), model, step, context)
    model.requires_grad_(False)
    return learner


def contrast(vectors: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Mean over texts of the log-probability of their intent's other texts; vectors [N, d] of length 1, labels [N]."""
    itself = torch.eye(len(labels), dtype=torch.bool)
    logits = (vectors @ vectors.T / _TEMPERATURE).masked_fill(itself, -torch.inf)
    alike = (labels[:, None] == labels[None, :]) & ~itself
    log_share = F.log_softmax(logits, dim=1).masked_fill(~alike, 0.0)
    count = alike.sum(dim=1)
    return -(log_share.sum(dim=1) / count.clamp_min(1))[count > 0].mean()


class _Batches:
    """Rows of up to 16 intents, four texts of each, drawn by seed and step."""

    def __init__(self, labels: np.ndarray, seed: int) -> None:
        self._rows = [np.flatnonzero(labels == intent) for intent in np.unique(labels)]
        self._seed = seed
        self.size = min(INTENTS_A_BATCH, len(self._rows)) * TEXTS_AN_INTENT

    def draw(self, step: int) -> np.ndarray:
        random = np.random.default_rng([self._seed, step])
        chosen = random.choice(len(self._rows), min(INTENTS_A_BATCH, len(self._rows)), replace=False)
        return np.concatenate(
            [
                random.choice(self._rows[intent], min(TEXTS_AN_INTENT, len(self._rows[intent])), replace=False)
                for intent in chosen
            ]
        )
