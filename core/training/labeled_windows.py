"""The windows that hold labels, and what a model says there."""

import numpy as np
import torch

from core.model.heads import FORECAST_SIZE
from core.model.session_model import SessionModel
from core.model.window import Windows
from core.training.labels import Labels
from core.training.prepared import PreparedEvents

_WINDOWS_A_PASS = 64


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
        first = np.full(len(chosen), len(prepared.table), dtype=np.int64)
        np.minimum.at(first, index, labels.rows)
        part = windows.take(chosen)
        self.windows = Windows(part.start, last - part.start + 1, part.scored_from)
        self.first_label = first - part.start
        """[W] int64 offset of each window's first label."""
        self._label_of_row = np.full(len(prepared.table), -1, dtype=np.int64)
        self._label_of_row[labels.rows] = np.arange(len(labels))

    def labels_in(self, windows: Windows, width: int) -> np.ndarray:
        """[B, T] int64 row of the labels for each position, -1 where none."""
        offset = np.arange(width)[None, :]
        real = (offset < windows.length[:, None]) & (offset >= windows.scored_from[:, None])
        rows = np.where(real, windows.start[:, None] + offset, 0)
        return np.where(real, self._label_of_row[rows], -1)


def read_out(model: SessionModel, prepared: PreparedEvents, labels: Labels) -> tuple[torch.Tensor, torch.Tensor]:
    """Forecasts [R, FORECAST_SIZE] and logits [R, K] at the labels' rows, without gradients."""
    labeled = LabeledWindows(prepared, labels)
    forecasts = torch.empty(len(labels), FORECAST_SIZE)
    logits = torch.empty(len(labels), len(labels.intents))
    order = np.argsort(-labeled.windows.length, kind="stable")
    with torch.no_grad():
        for chosen in np.array_split(order, max(1, len(order) // _WINDOWS_A_PASS)):
            windows = labeled.windows.take(chosen)
            batch = prepared.batch(windows)
            label = torch.from_numpy(labeled.labels_in(windows, batch.shape[1]))
            output = model(batch)
            forecasts[label[label >= 0]] = model.next_event.forecast(output.last_hidden_state[label >= 0])
            logits[label[label >= 0]] = output.intent_logits[label >= 0]
    return forecasts, logits
