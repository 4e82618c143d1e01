"""A snapshot ready to train on: featurized once, texts and pictures encoded once, cut into windows."""

import math
from collections.abc import Iterator

import numpy as np
import torch

from core.model.batch import EventBatch
from core.model.checkpoint import Checkpoint
from core.model.modalities import ModalEncoder
from core.model.window import Windows, gather, plan_windows
from core.training.snapshot import TrainingSnapshot

_BASELINE_WINDOWS = 256
_STEPS_AN_EPOCH = 32
_SMALLEST_BATCH = 256


class PreparedEvents:
    """The events of a snapshot as tables and windows for one model."""

    def __init__(self, checkpoint: Checkpoint, snapshot: TrainingSnapshot) -> None:
        self.media = snapshot.media
        self.table = checkpoint.featurizer.transform(snapshot.events, snapshot.items)
        self.encode_again(checkpoint)
        table = self.table
        self.windows: Windows = plan_windows(table.visitor_starts, len(table), checkpoint.model.config.max_events)

    def encode_again(self, checkpoint: Checkpoint) -> None:
        """Texts and pictures by the checkpoint's encoders, which may have learned since."""
        self.table, self.vectors = ModalEncoder(checkpoint).encode(self.table, self.media)

    def batch(self, windows: Windows) -> EventBatch:
        """The windows as one padded batch."""
        return gather(self.table, windows, self.vectors.text, self.vectors.image)

    def mean_event(self, checkpoint: Checkpoint, seed: int) -> torch.Tensor:
        """Mean field embeddings [F, d] over the events of a seeded sample of windows."""
        chosen = np.random.default_rng(seed).permutation(len(self.windows))[:_BASELINE_WINDOWS]
        total, count = torch.zeros(()), 0
        with torch.no_grad():
            for part in np.array_split(np.sort(chosen), max(1, len(chosen) // 32)):
                batch = self.batch(self.windows.take(part))
                fields = checkpoint.model.encode_fields(batch)[batch.attention_mask]  # [M, F, d]
                total, count = total + fields.sum(dim=0), count + len(fields)
        return total / count


def fitting_steps(events: int, batch_events: int, learning_rate: float) -> tuple[int, float]:
    """Padded events of a batch, and the rate of its steps, for a log of so many events.

    As given, or less in a small log, whose epochs would be over after a few steps; the rate falls with the batch's
    root, as its gradient's noise grows (Krizhevsky 2014).
    """
    batch = min(batch_events, max(_SMALLEST_BATCH, events // _STEPS_AN_EPOCH))
    return batch, learning_rate * math.sqrt(batch / batch_events)


def epoch_batches(windows: Windows, batch_events: int, random: np.random.Generator) -> list[np.ndarray]:
    """One epoch's window numbers: random groups of similar length, about `batch_events` padded events each."""
    jitter = windows.length * random.uniform(0.9, 1.11, size=len(windows))
    order = np.argsort(-jitter, kind="stable")
    batches = list(_cut(windows.length, order, batch_events))
    return [batches[index] for index in random.permutation(len(batches))]


def _cut(length: np.ndarray, order: np.ndarray, batch_events: int) -> Iterator[np.ndarray]:
    begin, longest = 0, 0
    for position, window in enumerate(order):
        longest = max(longest, int(length[window]))
        if position > begin and longest * (position - begin + 1) > batch_events:
            yield order[begin:position]
            begin, longest = position, int(length[window])
    if begin < len(order):
        yield order[begin:]
