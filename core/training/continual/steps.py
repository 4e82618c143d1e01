"""Steps of continued training: today's and replayed labels, and agreement with yesterday's model."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from core.model.batch import EventBatch
from core.model.checkpoint import Checkpoint
from core.model.session_model import SessionModel
from core.model.window import Windows
from core.training.context import TrainingContext
from core.training.continual.arguments import ContinueArguments
from core.training.continual.distillation import Teacher, rows_of, unlabelled_windows
from core.training.continual.head import fit_near
from core.training.continual.replay import joined
from core.training.labels import Labels, smoothed
from core.training.loop import Losses, Phase, train_phase
from core.training.masking import mask_fields
from core.training.prepared import PreparedEvents, epoch_batches
from core.training.supervision import LabeledWindows, class_weights, read_out


class ContinuedSteps:
    """Cross entropy on today's and replayed labels; distillation on replayed labels and on unlabelled events."""

    def __init__(
        self,
        model: SessionModel,
        yesterday: Checkpoint,
        prepared: PreparedEvents,
        arguments: ContinueArguments,
        seed: int,
        *,
        new: Labels,
        replayed: Labels,
    ) -> None:
        if model.intent_head is None:
            raise ValueError("the model has no intent head, expected one made by widened.")
        self._model, self._prepared, self._arguments, self._seed = model, prepared, arguments, seed
        self._head = model.intent_head
        self._trained = nn.ModuleList([model.intent_head, model.event_encoder, model.backbone, model.next_event])
        self._labels = joined(new, replayed)
        self._labeled = LabeledWindows(prepared, self._labels)
        self._targets = torch.from_numpy(smoothed(self._labels.targets, arguments.label_smoothing))
        self._weights = torch.from_numpy(self._labels.weights * class_weights(self._labels))
        self._is_taught = ~np.isin(self._labels.rows, new.rows)
        self._free = unlabelled_windows(prepared, self._labels.rows, seed)
        columns = [new.intents.index(intent) for intent in yesterday.intents]
        self._teacher = Teacher(yesterday.model, prepared, columns, arguments.softness)
        self._teacher.read(LabeledWindows(prepared, replayed).windows)
        self._teacher.read(self._free)

    def fit(self, context: TrainingContext, phase: str) -> None:
        """Refit the head near yesterday's, then train everything but the text and picture encoders."""
        forecasts, _ = read_out(self._model, self._prepared, self._labels)
        fit_near(self._head, forecasts, self._targets, self._weights)
        if self._arguments.recipe == "head":
            return
        batches = [batch for epoch in range(self._arguments.epochs) for batch in self._epoch(epoch)]
        settings = Phase(phase, 0, len(batches), self._arguments.learning_rate, self._arguments.weight_decay)
        train_phase(settings, self._trained, lambda step: self._losses(batches[step], step), context)

    def _epoch(self, epoch: int) -> list[np.ndarray]:
        random = np.random.default_rng([self._seed, epoch])
        return epoch_batches(self._labeled.windows, self._arguments.batch_events, random)

    def _losses(self, chosen: np.ndarray, step: int) -> Losses:
        losses = self._labeled_losses(self._labeled.windows.take(chosen), step)
        if self._arguments.distillation and len(self._free):
            logits, rows = self._answers(self._free.take(self._free_part(step)), step)
            losses["unlabelled"] = self._arguments.distillation * self._teacher.loss(logits, rows)
        return losses

    def _labeled_losses(self, windows: Windows, step: int) -> Losses:
        batch = self._prepared.batch(windows)
        label = self._labeled.labels_in(windows, batch.shape[1])  # [B, T]
        rows = torch.from_numpy(label[label >= 0])
        logits = self._model(self._masked(batch, step)).intent_logits[torch.from_numpy(label >= 0)]  # [R, K]
        weight = self._weights[rows]
        loss = F.cross_entropy(logits, self._targets[rows], reduction="none")
        losses = {"intent": (loss * weight).sum() / weight.sum().clamp_min(1e-6)}
        taught = self._is_taught[rows.numpy()]
        if self._arguments.distillation and taught.any():
            kept = self._teacher.loss(logits[torch.from_numpy(taught)], self._labels.rows[rows.numpy()[taught]])
            losses["replayed"] = self._arguments.distillation * kept
        return losses

    def _answers(self, windows: Windows, step: int) -> tuple[torch.Tensor, np.ndarray]:
        """Logits [R, K] at the rows [R] that the windows answer for."""
        batch = self._prepared.batch(windows)
        rows, scored = rows_of(windows, batch.shape[1])
        logits = self._model(self._masked(batch, step)).intent_logits[torch.from_numpy(scored)]
        return logits, rows[scored]

    def _masked(self, batch: EventBatch, step: int) -> EventBatch:
        generator = torch.Generator().manual_seed(self._seed * 1_000_003 + step)
        return mask_fields(batch, self._arguments.field_masking, generator)[0]

    def _free_part(self, step: int) -> np.ndarray:
        """Unlabelled windows of a step: about half as many events as the labelled ones, in turn."""
        size = max(1, int(self._arguments.batch_events / 2 / max(1.0, self._free.length.mean())))
        return np.unique(np.arange(step * size, (step + 1) * size) % len(self._free))
