"""Supervised steps over the windows that hold labels: weighted soft cross entropy at the labeled events."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from core.model.session_model import SessionModel
from core.model.window import Windows
from core.training.arguments import FinetuneArguments
from core.training.context import TrainingContext
from core.training.labels import Labels
from core.training.loop import Losses, Phase, train_phase
from core.training.masking import mask_fields
from core.training.prepared import PreparedEvents, epoch_batches

_MOST_CLASS_WEIGHT = 4.0


class LabeledWindows:
    """The windows that answer for labeled rows, cut after the last of them, with targets by row."""

    def __init__(self, prepared: PreparedEvents, labels: Labels) -> None:
        windows = prepared.windows
        window_of_row = np.repeat(np.arange(len(windows)), windows.length - windows.scored_from)
        position = np.empty(len(prepared.table), dtype=np.int64)
        position[windows.scored_rows()] = window_of_row
        chosen, index = np.unique(position[labels.rows], return_inverse=True)
        last = np.zeros(len(chosen), dtype=np.int64)
        np.maximum.at(last, index, labels.rows)
        part = windows.take(chosen)
        self.windows = Windows(part.start, last - part.start + 1, part.scored_from)
        self._label_of_row = np.full(len(prepared.table), -1, dtype=np.int64)
        self._label_of_row[labels.rows] = np.arange(len(labels))

    def labels_in(self, windows: Windows, width: int) -> np.ndarray:
        """[B, T] int64 row of the labels for each position, -1 where none."""
        offset = np.arange(width)[None, :]
        real = (offset < windows.length[:, None]) & (offset >= windows.scored_from[:, None])
        rows = np.where(real, windows.start[:, None] + offset, 0)
        return np.where(real, self._label_of_row[rows], -1)


class Supervision:
    """Fits a model to labels; the head alone or everything but the text and picture encoders."""

    def __init__(
        self, model: SessionModel, prepared: PreparedEvents, labels: Labels, arguments: FinetuneArguments, seed: int
    ) -> None:
        if model.intent_head is None:
            raise ValueError("the model has no intent head, expected one made by with_intents.")
        self._model = model
        self._prepared = prepared
        self._labeled = LabeledWindows(prepared, labels)
        self._targets = torch.from_numpy(_smooth(labels.targets, arguments.label_smoothing))
        self._weights = torch.from_numpy(labels.weights * class_weights(labels))
        self._arguments = arguments
        self._seed = seed
        full = [model.intent_head, model.event_encoder, model.backbone]
        self._trained = nn.ModuleList(full if arguments.recipe == "full" else full[:1])

    def fit(self, context: TrainingContext, phase: str, epochs: int, held_out: Labels | None = None) -> int:
        """Train; with held-out labels stop when they get no better and go back to the best epoch.

        Returns:
            The number of epochs the delivered weights have seen.
        """
        batches = [self._epoch(epoch) for epoch in range(self._arguments.epochs)]
        ends = np.cumsum([len(epoch) for epoch in batches])
        flat = [batch for epoch in batches for batch in epoch]
        settings = Phase(phase, 0, len(flat), self._arguments.learning_rate, self._arguments.weight_decay)
        watch = _EarlyStopping(self._model, self._arguments.patience)

        def finished(done: int) -> bool:
            if done not in ends:
                return False
            epoch = int(np.searchsorted(ends, done)) + 1
            if held_out is None:
                return epoch >= epochs
            loss = self._held_out_loss(held_out)
            context.report(done, len(flat), phase, held_out_loss=loss, epoch=epoch)
            return watch.worse(epoch, loss)

        train_phase(settings, self._trained, lambda step: self._losses(flat[step], step), context, finished=finished)
        return watch.back_to_best() if held_out is not None else epochs

    def _epoch(self, epoch: int) -> list[np.ndarray]:
        random = np.random.default_rng([self._seed, epoch])
        return epoch_batches(self._labeled.windows, self._arguments.batch_events, random)

    def _losses(self, chosen: np.ndarray, step: int) -> Losses:
        windows = self._labeled.windows.take(chosen)
        batch = self._prepared.batch(windows)
        generator = torch.Generator().manual_seed(self._seed * 1_000_003 + step)
        seen, _ = mask_fields(batch, self._arguments.field_masking, generator)
        label = torch.from_numpy(self._labeled.labels_in(windows, batch.shape[1]))  # [B, T]
        logits = self._model(seen).intent_logits[label >= 0]  # [R, K]
        rows = label[label >= 0]
        loss = F.cross_entropy(logits, self._targets[rows], reduction="none")
        weight = self._weights[rows]
        return {"intent": (loss * weight).sum() / weight.sum().clamp_min(1e-6)}

    def _held_out_loss(self, held_out: Labels) -> float:
        self._model.eval()
        logits = decisive_logits(self._model, self._prepared, held_out)
        self._trained.train()
        return float(F.cross_entropy(logits, torch.from_numpy(held_out.targets)))


class _EarlyStopping:
    """Remembers the best weights; says when `patience` epochs brought nothing better."""

    def __init__(self, model: nn.Module, patience: int) -> None:
        self._model = model
        self._patience = patience
        self._best_loss = math.inf
        self._best_epoch = 0
        self._best: dict[str, torch.Tensor] = {}

    def worse(self, epoch: int, loss: float) -> bool:
        if loss < self._best_loss:
            self._best_loss, self._best_epoch = loss, epoch
            self._best = {name: value.clone() for name, value in self._model.state_dict().items()}
        return epoch - self._best_epoch >= self._patience

    def back_to_best(self) -> int:
        if self._best:
            self._model.load_state_dict(self._best)
        return max(1, self._best_epoch)


def decisive_logits(model: SessionModel, prepared: PreparedEvents, labels: Labels) -> torch.Tensor:
    """Logits [R, K] at the labels' rows, without dropout or gradients."""
    labeled = LabeledWindows(prepared, labels)
    result = torch.empty(len(labels), len(labels.intents))
    with torch.no_grad():
        for chosen in np.array_split(np.arange(len(labeled.windows)), max(1, len(labeled.windows) // 64)):
            windows = labeled.windows.take(chosen)
            batch = prepared.batch(windows)
            label = torch.from_numpy(labeled.labels_in(windows, batch.shape[1]))
            result[label[label >= 0]] = model(batch).intent_logits[label >= 0]
    return result


def class_weights(labels: Labels) -> np.ndarray:
    """[R] float32: rare intents weigh more, by the inverse root of their share, four times at most."""
    share = (labels.targets * labels.weights[:, None]).sum(axis=0)
    share = share / share.sum()
    weight = np.minimum(np.sqrt(1.0 / (len(share) * np.maximum(share, 1e-6))), _MOST_CLASS_WEIGHT)
    return (labels.targets @ weight).astype(np.float32)


def _smooth(targets: np.ndarray, smoothing: float) -> np.ndarray:
    return (targets * (1 - smoothing) + smoothing / targets.shape[1]).astype(np.float32)
