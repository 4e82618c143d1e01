"""Supervised steps over the windows that hold labels: weighted soft cross entropy at the labeled events."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from core.model.heads import FORECAST_SIZE
from core.model.session_model import SessionModel
from core.model.window import Windows
from core.training.arguments import FinetuneArguments
from core.training.context import TrainingContext, stop_if_asked
from core.training.labels import Labels
from core.training.linear_probe import ProbeRows, fit_head
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
    """Fits a model to labels: its head to the states first, then everything but the text and picture encoders."""

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
        self._labels = labels
        self._arguments = arguments
        self._seed = seed
        self._head = model.intent_head
        self._trained = nn.ModuleList([model.intent_head, model.event_encoder, model.backbone, model.next_event])

    def fit(self, context: TrainingContext, phase: str, epochs: int, held_out: Labels | None = None) -> int:
        """Fit the head to the states, then train on; with held-out labels go back to the epoch that did best there.

        Args:
            epochs: to train at most, or exactly when nothing is held out; 0 leaves it at the fitted head.

        Returns:
            The number of epochs the delivered weights have seen.
        """
        stop_if_asked(context)
        self._fit_head()
        if epochs == 0 or self._arguments.recipe == "head":
            return 0
        batches = [self._epoch(epoch) for epoch in range(self._arguments.epochs)]
        ends = np.cumsum([len(epoch) for epoch in batches])
        flat = [batch for epoch in batches for batch in epoch]
        settings = Phase(phase, 0, len(flat), self._arguments.learning_rate, self._arguments.weight_decay)
        watch = _EarlyStopping(self._model, self._arguments.patience)
        if held_out is not None:
            watch.worse(0, self._held_out_loss(held_out))

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

    def _fit_head(self) -> None:
        forecasts, _ = read_out(self._model, self._prepared, self._labels)
        rows = ProbeRows(
            forecasts=forecasts,
            targets=self._targets,
            weights=self._weights,
            groups=self._labels.sessions,
            decisive=torch.from_numpy(self._labels.decisive),
        )
        fit_head(self._head, rows, self._seed)

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
        _, logits = read_out(self._model, self._prepared, held_out)
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
        return self._best_epoch


def read_out(model: SessionModel, prepared: PreparedEvents, labels: Labels) -> tuple[torch.Tensor, torch.Tensor]:
    """Forecasts [R, FORECAST_SIZE] and logits [R, K] at the labels' rows, without dropout or gradients."""
    labeled = LabeledWindows(prepared, labels)
    forecasts = torch.empty(len(labels), FORECAST_SIZE)
    logits = torch.empty(len(labels), len(labels.intents))
    with torch.no_grad():
        for chosen in np.array_split(np.arange(len(labeled.windows)), max(1, len(labeled.windows) // 64)):
            windows = labeled.windows.take(chosen)
            batch = prepared.batch(windows)
            label = torch.from_numpy(labeled.labels_in(windows, batch.shape[1]))
            output = model(batch)
            forecasts[label[label >= 0]] = model.next_event.forecast(output.last_hidden_state[label >= 0])
            logits[label[label >= 0]] = output.intent_logits[label >= 0]
    return forecasts, logits


def class_weights(labels: Labels) -> np.ndarray:
    """[R] float32: rare intents weigh more, by the inverse root of their share, four times at most."""
    share = (labels.targets * labels.weights[:, None]).sum(axis=0)
    share = share / share.sum()
    weight = np.minimum(np.sqrt(1.0 / (len(share) * np.maximum(share, 1e-6))), _MOST_CLASS_WEIGHT)
    return (labels.targets @ weight).astype(np.float32)


def _smooth(targets: np.ndarray, smoothing: float) -> np.ndarray:
    return (targets * (1 - smoothing) + smoothing / targets.shape[1]).astype(np.float32)
