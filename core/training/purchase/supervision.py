"""Fits the session model and a purchase head to every prefix at once: one causal pass answers at all events."""

import math
from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.linear_model import LogisticRegression
from torch import nn

from core.model.checkpoint import Checkpoint
from core.model.purchase_head import PurchaseHead
from core.model.window import Windows, batches_by_length
from core.training.context import TrainingContext
from core.training.loop import Losses, Phase, train_phase
from core.training.masking import mask_fields
from core.training.prepared import PreparedEvents, epoch_batches
from core.training.purchase.arguments import PurchaseArguments
from core.training.purchase.averaging import MovingAverage
from core.training.purchase.split import Split
from core.training.purchase.task import PurchaseTask
from core.training.snapshot import TrainingSnapshot

_POSITIONS = 8192
_LEAST_BATCH, _LEAST_STEPS = 256, 32
"""Few events make smaller batches, so that an epoch has enough steps to learn from."""


@dataclass
class _Best:
    loss: float = math.inf
    epoch: int = 0
    weights: dict[str, torch.Tensor] | None = None


class PurchaseSupervision:
    """One model and head on one task; trained on the training rows, stopped and calibrated on the validation rows.

    targets: [N] float32, what to answer at the training rows, from 0 to 1.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        snapshot: TrainingSnapshot,
        task: PurchaseTask,
        split: Split,
        arguments: PurchaseArguments,
        seed: int,
        targets: np.ndarray,
    ) -> None:
        torch.manual_seed(seed)
        self.head = PurchaseHead(checkpoint.model.config.hidden_size, arguments.dropout)
        self.prepared = PreparedEvents(checkpoint, replace(snapshot, events=task.events))
        self._model = checkpoint.model
        self._trained = nn.ModuleList([checkpoint.model.event_encoder, checkpoint.model.backbone, self.head])
        self._arguments, self._seed = arguments, seed
        self._validation = split.validation
        self._answer = torch.from_numpy(task.answer.astype(np.float32))
        self._targets = torch.from_numpy(targets)
        self._weight = torch.from_numpy(task.weights(arguments.length_power))
        windows = self.prepared.windows
        self._training_windows = windows.take(np.flatnonzero(split.training[windows.start]))
        self._batch_events = min(arguments.batch_events, max(_LEAST_BATCH, int(split.training.sum()) // _LEAST_STEPS))

    def fit(self, context: TrainingContext, phase: str = "purchase") -> int:
        """Train, go back to the averaged weights that did best on the validation rows, calibrate; the epochs used."""
        batches = [self._epoch(epoch) for epoch in range(self._arguments.epochs)]
        ends = np.cumsum([len(epoch) for epoch in batches])
        flat = [batch for epoch in batches for batch in epoch]
        average, best = MovingAverage(self._trained, self._arguments.averaging), _Best()

        def finished(done: int) -> bool:
            average.update()
            if done not in ends:
                return False
            epoch = int(np.searchsorted(ends, done)) + 1
            with average.applied():
                loss = self._validation_loss()
                context.report(done, len(flat), phase, validation_loss=loss, epoch=epoch)
                if loss < best.loss:
                    best.loss, best.epoch, best.weights = loss, epoch, _copy(self._trained)
            return epoch - best.epoch >= self._arguments.patience

        settings = Phase(phase, 0, len(flat), self._arguments.learning_rate, self._arguments.weight_decay)
        train_phase(settings, self._trained, lambda step: self._losses(flat[step], step), context, finished=finished)
        if best.weights is not None:
            self._trained.load_state_dict(best.weights)
        self._calibrate(self.logits(self._validation))
        return best.epoch

    def logits(self, rows: np.ndarray) -> np.ndarray:
        """[R] uncalibrated logits at rows ([N] bool) of the task, in the order of the rows."""
        self._model.eval()
        self.head.eval()
        every = np.full(len(rows), np.nan, dtype=np.float32)
        windows = self.prepared.windows
        part = windows.take(np.flatnonzero(rows[windows.start]))
        for chosen in batches_by_length(part, _POSITIONS):
            some = part.take(chosen)
            batch = self.prepared.batch(some)
            with torch.no_grad():
                logits = self.head(self._model(batch).last_hidden_state)
            every[some.scored_rows()] = logits[_scored(some, batch.shape[1])].numpy()
        return every[rows]

    def probabilities(self, rows: np.ndarray) -> np.ndarray:
        """[R] calibrated probabilities at rows ([N] bool) of the task."""
        return self.head.calibrated(torch.from_numpy(self.logits(rows))).numpy()

    def _epoch(self, epoch: int) -> list[np.ndarray]:
        random = np.random.default_rng([self._seed, epoch])
        return epoch_batches(self._training_windows, self._batch_events, random)

    def _losses(self, chosen: np.ndarray, step: int) -> Losses:
        windows = self._training_windows.take(chosen)
        batch = self.prepared.batch(windows)
        generator = torch.Generator().manual_seed(self._seed * 1_000_003 + step)
        seen, _ = mask_fields(batch, self._arguments.field_masking, generator)
        logits = self.head(self._model(seen).last_hidden_state)[_scored(windows, batch.shape[1])]
        rows = torch.from_numpy(windows.scored_rows())
        return {"purchase": self._loss(logits, rows, self._targets)}

    def _loss(self, logits: torch.Tensor, rows: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        losses = F.binary_cross_entropy_with_logits(logits, targets[rows], reduction="none")
        weight = self._weight[rows]
        return (losses * weight).sum() / weight.sum().clamp_min(1e-6)

    def _validation_loss(self) -> float:
        """Of calibrated answers: what is calibrated later must not be blamed for a base rate that changed with time."""
        rows = torch.from_numpy(np.flatnonzero(self._validation))
        logits = self.logits(self._validation)
        self._calibrate(logits)
        straightened = self.head.scale * torch.from_numpy(logits) + self.head.shift
        loss = float(self._loss(straightened, rows, self._answer))
        self._trained.train()
        return loss

    def _calibrate(self, logits: np.ndarray) -> None:
        rows = np.flatnonzero(self._validation)
        line = LogisticRegression(C=1e6)
        line.fit(logits[:, None], self._answer[rows], sample_weight=self._weight[rows].numpy())
        self.head.scale.fill_(max(float(line.coef_[0, 0]), 1e-3))
        self.head.shift.fill_(float(line.intercept_[0]))


def _scored(windows: Windows, width: int) -> torch.Tensor:
    """[B, T] bool: the events the windows answer for, row by row as `scored_rows`."""
    offset = np.arange(width)[None, :]
    return torch.from_numpy((offset >= windows.scored_from[:, None]) & (offset < windows.length[:, None]))


def _copy(module: nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in module.state_dict().items()}
