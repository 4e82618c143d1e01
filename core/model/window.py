"""Windows over each visitor's stream, by a rule that only looks back: incremental and whole-stream scoring agree.

A stream of at most `max_events` events is one window. A longer one continues in windows that begin half a window
later each, so an event is always read with at least the half window before it and never with anything after it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from core.model.batch import EventBatch
from core.model.featurizer import EventTable
from core.model.fields import PAD_ID


@dataclass(frozen=True)
class Windows:
    """W windows over the rows of an EventTable.

    start, length: [W] int64 rows covered
    scored_from: [W] int64 offset of the first event this window answers for (those before it are context)
    """

    start: np.ndarray
    length: np.ndarray
    scored_from: np.ndarray

    def __len__(self) -> int:
        return len(self.start)

    def take(self, chosen: np.ndarray) -> "Windows":
        """The chosen windows, in that order."""
        return Windows(self.start[chosen], self.length[chosen], self.scored_from[chosen])

    def scored_rows(self) -> np.ndarray:
        """[S] table rows the windows answer for, window by window."""
        parts = [np.arange(s + f, s + n) for s, n, f in zip(self.start, self.length, self.scored_from, strict=True)]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)


def stride_of(max_events: int) -> int:
    """Events by which each window begins later than the one before."""
    return max_events // 2


def context_of(max_events: int) -> int:
    """Events that a window after the first begins with, already answered for by the one before."""
    return max_events - stride_of(max_events)


def window_start(row: int, max_events: int) -> int:
    """Of one visitor's stream, the first row of the window that answers for this row."""
    if row < max_events:
        return 0
    stride = stride_of(max_events)
    return (1 + (row - max_events) // stride) * stride


def plan_windows(visitor_starts: np.ndarray, total: int, max_events: int) -> Windows:
    """Windows that answer for each of `total` rows exactly once."""
    stride = stride_of(max_events)
    ends = np.append(visitor_starts[1:], total)
    sizes = ends - visitor_starts
    counts = np.where(sizes <= max_events, 1, 1 + -(-(sizes - max_events) // stride))
    visitor = np.repeat(np.arange(len(sizes)), counts)
    number = np.arange(len(visitor)) - np.repeat(np.cumsum(counts) - counts, counts)
    offset = number * stride
    return Windows(
        start=visitor_starts[visitor] + offset,
        length=np.minimum(sizes[visitor] - offset, max_events),
        scored_from=np.where(number == 0, 0, max_events - stride),
    )


def batches_by_length(windows: Windows, positions: int) -> Iterator[np.ndarray]:
    """Window numbers in groups of similar length, each at most `positions` padded events (always at least one)."""
    order = np.argsort(-windows.length, kind="stable")
    begin = 0
    while begin < len(order):
        size = max(1, positions // int(windows.length[order[begin]]))
        yield order[begin : begin + size]
        begin += size


def gather(table: EventTable, windows: Windows, text_vectors: torch.Tensor, image_vectors: torch.Tensor) -> EventBatch:
    """The windows as one right-padded batch of T = the longest of them."""
    width = int(windows.length.max(initial=1))
    offset = np.arange(width)
    real = offset[None, :] < windows.length[:, None]
    rows = np.where(real, windows.start[:, None] + offset, 0)
    return EventBatch(
        codes=torch.from_numpy(np.where(real[..., None], table.codes[rows], PAD_ID).astype(np.int64)),
        numbers=torch.from_numpy(np.where(real[..., None], table.numbers[rows], np.float32("nan"))),
        own_text=torch.from_numpy((table.own_text[rows] * real).astype(np.int64)),
        title=torch.from_numpy((table.title[rows] * real).astype(np.int64)),
        image=torch.from_numpy((table.image[rows] * real).astype(np.int64)),
        text_vectors=text_vectors,
        image_vectors=image_vectors,
        attention_mask=torch.from_numpy(real),
    )
