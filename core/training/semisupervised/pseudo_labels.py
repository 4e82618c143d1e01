"""Pseudo-labels (Lee 2013): where the model is sure of an unlabeled event, its answer counts as a label.

When to use it: event streams without sessions, where the teacher has nothing to go by. When not: beside the teacher,
which knows more than the model does.
"""

from typing import Protocol

import numpy as np
import torch

from core.training.labels import Labels

_WEIGHT = 0.5


class ReadOut(Protocol):
    """Logits [R, K] of the model at the rows of labels."""

    def __call__(self, rows: Labels) -> torch.Tensor: ...


def add_pseudo_labels(labels: Labels, events: int, threshold: float, read_out: ReadOut) -> Labels:
    """The labels, and the model's soft answers at the other events where their chance is at least `threshold`."""
    others = np.setdiff1d(np.arange(events), labels.rows)
    unknown = Labels(
        intents=labels.intents,
        rows=others,
        targets=np.zeros((len(others), len(labels.intents)), dtype=np.float32),
        weights=np.full(len(others), _WEIGHT, dtype=np.float32),
        decisive=np.zeros(len(others), dtype=bool),
        sessions=np.full(len(others), -1, dtype=np.int64),
    )
    answers = torch.softmax(read_out(unknown), dim=-1).numpy()
    sure = answers.max(axis=1) >= threshold
    return _joined(labels, unknown.take(sure), answers[sure])


def _joined(labels: Labels, more: Labels, targets: np.ndarray) -> Labels:
    rows = np.concatenate([labels.rows, more.rows])
    order = np.argsort(rows, kind="stable")
    return Labels(
        intents=labels.intents,
        rows=rows[order],
        targets=np.concatenate([labels.targets, targets])[order],
        weights=np.concatenate([labels.weights, more.weights])[order],
        decisive=np.concatenate([labels.decisive, more.decisive])[order],
        sessions=np.concatenate([labels.sessions, more.sessions])[order],
    )
