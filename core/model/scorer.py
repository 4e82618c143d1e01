"""Serving: whole-stream scoring, one visitor's batch for explanations, and incremental steps with a cache."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from core.errors import BrokenCheckpointError
from core.events.rows import plain_rows
from core.model.batch import EventBatch
from core.model.checkpoint import Checkpoint, load_checkpoint
from core.model.featurizer import EventRow, EventTable, Featurizer
from core.model.fused import FusedModel, softmax
from core.model.modalities import ModalEncoder, ModalVectors
from core.model.row_batch import batch_of_rows
from core.model.stream import VisitorStream, extend_windows
from core.model.window import Windows, batches_by_length, gather, plan_windows, window_start

_POSITIONS = 4096
"""Padded events a forward pass; more only costs memory."""

_SORT_KEYS = ["visitor_id", "occurred_at", "event_id"]


class SessionScorer:
    """A finetuned model ready to answer: calibrated probabilities [.., K] in the order of `intents`."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.model = checkpoint.model.eval().requires_grad_(False)
        self.featurizer: Featurizer = checkpoint.featurizer
        self.tokenizer = checkpoint.tokenizer
        self.foreign = checkpoint.foreign
        self.card = checkpoint.card
        self.model_id: str = str(checkpoint.card.get("model_id", ""))
        self.intents: tuple[str, ...] = checkpoint.intents
        self.temperature: float = float(checkpoint.card.get("temperature", 1.0))
        self.abstain_below: float = float(checkpoint.card.get("abstain_below", 0.0))
        self._modal = ModalEncoder(checkpoint)

    @classmethod
    def load(cls, folder: Path) -> "SessionScorer":
        """Load a finetuned model folder.

        Raises:
            BrokenCheckpointError: damaged, or a model that is only pretrained and knows no intents.
        """
        checkpoint = load_checkpoint(folder)
        if not checkpoint.intents:
            raise BrokenCheckpointError(f"The model in '{folder}' is only pretrained, expected one with intents.")
        return cls(checkpoint)

    def score(
        self,
        events: pd.DataFrame,
        items: pd.DataFrame,
        media: Path | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> np.ndarray:
        """Probabilities [N, K] float32 at every event, rows as `events`; `progress(done, total)` is called often."""
        return self.score_and_embed(events, items, np.zeros(len(events), dtype=bool), media, progress)[0]

    def score_and_embed(
        self,
        events: pd.DataFrame,
        items: pd.DataFrame,
        wanted: np.ndarray,
        media: Path | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """As `score`, and the last hidden state [S, d] float32 at the S events that are wanted, in their order.

        Args:
            wanted: [N] bool, rows as `events`.
        """
        states = np.zeros((int(wanted.sum()), self.model.config.hidden_size), dtype=np.float32)
        if not len(events):
            return np.zeros((0, len(self.intents)), dtype=np.float32), states
        order = _stream_order(events)
        table, vectors = self._read(events.iloc[order], items, media)
        windows = plan_windows(table.visitor_starts, len(table), self.model.config.max_events)
        place = np.where(wanted, np.cumsum(wanted) - 1, -1)[order]
        sorted_probabilities = self._score_windows(table, vectors, windows, progress, place, states)
        probabilities = np.empty_like(sorted_probabilities)
        probabilities[order] = sorted_probabilities
        return probabilities, states

    def score_ends(self, events: pd.DataFrame, items: pd.DataFrame, media: Path | None = None) -> np.ndarray:
        """Probabilities [V, K] at each visitor's last event alone, visitors in the order of their ids.

        Of a long stream only its last window is read: many variants of one stream are compared cheaply.
        """
        table, vectors = self._read(events.iloc[_stream_order(events)], items, media)
        windows = plan_windows(table.visitor_starts, len(table), self.model.config.max_events)
        ends = np.append(table.visitor_starts[1:], len(table))
        last = windows.take(np.flatnonzero(np.isin(windows.start + windows.length, ends)))
        result = np.empty((len(last), len(self.intents)), dtype=np.float32)
        for chosen in batches_by_length(last, _POSITIONS):
            batch = gather(table, last.take(chosen), vectors.text, vectors.image)
            with torch.inference_mode():
                logits = self.model(batch).intent_logits
                at_end = torch.from_numpy(last.length[chosen] - 1)
                result[chosen] = self.probabilities(logits[torch.arange(len(chosen)), at_end]).numpy()
        return result

    def _score_windows(
        self,
        table: EventTable,
        vectors: ModalVectors,
        windows: Windows,
        progress: Callable[[int, int], None] | None,
        place: np.ndarray,
        states: np.ndarray,
    ) -> np.ndarray:
        """Probabilities [N, K] of the table's rows; row n's hidden state goes to `states[place[n]]` (-1: nowhere)."""
        result = np.empty((len(table), len(self.intents)), dtype=np.float32)
        done = 0
        for chosen in batches_by_length(windows, _POSITIONS):
            part = windows.take(chosen)
            batch = gather(table, part, vectors.text, vectors.image)
            with torch.inference_mode():
                output = self.model(batch)
                probabilities = self.probabilities(output.intent_logits)
            scored = batch.attention_mask.numpy() & _from_offset(part, batch.shape[1])
            rows = part.scored_rows()
            result[rows] = probabilities.numpy()[scored]
            kept = place[rows] >= 0
            states[place[rows][kept]] = output.last_hidden_state.numpy()[scored][kept]
            done += int(scored.sum())
            if progress is not None:
                progress(done, len(table))
        return result

    def batch(self, events: pd.DataFrame, items: pd.DataFrame, media: Path | None = None) -> EventBatch:
        """One visitor's stream as a batch of one window (B = 1); of a long stream the last window.

        The window's events are the last `shape[1]` rows of the visitor's events in order of time.
        """
        table, vectors = self._read(events.iloc[_stream_order(events)], items, media)
        if len(table.visitor_starts) != 1:
            raise ValueError(f"events are of {len(table.visitor_starts)} visitors, expected one visitor's stream.")
        windows = plan_windows(table.visitor_starts, len(table), self.model.config.max_events)
        return gather(table, windows.take(np.array([len(windows) - 1])), vectors.text, vectors.image)

    def row_batch(self, rows: Sequence[EventRow], media: Path | None = None) -> EventBatch:
        """Featurized events of one visitor as a batch of one window (B = 1); at most `max_events` of them.

        The same as `batch` makes of a frame, in a fraction of the time where there are but some dozens.
        """
        return batch_of_rows(rows, self._modal, media).window()

    def probabilities(self, logits: torch.Tensor) -> torch.Tensor:
        """Calibrated probabilities of logits [..., K]."""
        return torch.softmax(logits / self.temperature, dim=-1)

    def mean_event_baseline(self) -> torch.Tensor:
        """Mean field embeddings over the stored sample of training events: [F, d], the neutral baseline_input."""
        return self.model.mean_event.clone()

    def start(self) -> VisitorStream:
        """An empty stream for a visitor, to be fed event by event with `step`."""
        return VisitorStream()

    def window_start(self, row: int) -> int:
        """Of one visitor's stream, the first row that has to be read for an answer at this row."""
        return window_start(row, self.model.config.max_events)

    def read(self, stream: VisitorStream, event: Mapping[str, Any], item: Mapping[str, Any] | None = None) -> EventRow:
        """Featurize a visitor's next event, advancing the stream's history; `advance` is to follow with the row.

        Args:
            event: canonical columns; null ones may be absent.
            item: the event's item by ITEM_COLUMNS, if known.
        """
        return self.featurizer.transform_one(stream.history, event, item or {})

    def pass_by(self, stream: VisitorStream, event: Mapping[str, Any], item: Mapping[str, Any] | None = None) -> None:
        """Advance the history alone, over an event before the window that the stream shall begin with."""
        self.featurizer.pass_by(stream.history, event, item or {})

    def advance(
        self, streams: Sequence[VisitorStream], rows: Sequence[Sequence[EventRow]], media: Path | None = None
    ) -> list[np.ndarray]:
        """Take the next rows, at least one, of each of many streams, in few passes for all of them together.

        A stream's answers equal `score` over its events so far. Nothing is changed when this raises.

        Returns:
            Of each stream the probabilities [n, K] float32 at its rows.
        """
        flat = [row for of_stream in rows for row in of_stream]
        if not flat:
            return []
        encoder = self._fused.encoder
        parts = (flat[at : at + _POSITIONS] for at in range(0, len(flat), _POSITIONS))
        vectors = np.concatenate([encoder.vectors(batch_of_rows(part, self._modal, media)) for part in parts])
        ends = np.cumsum([len(of_stream) for of_stream in rows])[:-1]
        windows, logits = extend_windows(self._fused, [stream.window for stream in streams], np.split(vectors, ends))
        for stream, window in zip(streams, windows, strict=True):
            stream.window = window
        return np.split(softmax(np.concatenate(logits), self.temperature), ends)

    @cached_property
    def _fused(self) -> FusedModel:
        """Made at the first step: whoever only scores whole streams needs none."""
        return FusedModel(self.model)

    def step(
        self,
        stream: VisitorStream,
        event: Mapping[str, Any],
        item: Mapping[str, Any] | None = None,
        media: Path | None = None,
    ) -> np.ndarray:
        """Take a visitor's next event (arguments as for `read`); probabilities [K] float32 at it."""
        probabilities: np.ndarray = self.advance([stream], [[self.read(stream, event, item)]], media)[0][0]
        return probabilities

    def follow(
        self, stream: VisitorStream, events: pd.DataFrame, items: pd.DataFrame, media: Path | None = None
    ) -> np.ndarray:
        """Feed several events of the visitor one by one, in order of time; probabilities [n, K]."""
        known = {item["item_id"]: item for item in plain_rows(items)}
        rows = plain_rows(events.sort_values(_SORT_KEYS[1:], kind="stable"))
        results = [self.step(stream, row, known.get(row.get("item_id")), media) for row in rows]
        return np.stack(results) if results else np.zeros((0, len(self.intents)), dtype=np.float32)

    def _read(self, events: pd.DataFrame, items: pd.DataFrame, media: Path | None) -> tuple[EventTable, ModalVectors]:
        return self._modal.encode(self.featurizer.transform(events, items), media)


def _stream_order(events: pd.DataFrame) -> np.ndarray:
    """Row numbers that sort the frame by visitor and time; cheap when it is sorted already."""
    frame = events[_SORT_KEYS].reset_index(drop=True)
    return frame.sort_values(_SORT_KEYS, kind="stable").index.to_numpy()


def _from_offset(windows: Windows, width: int) -> np.ndarray:
    return np.arange(width)[None, :] >= windows.scored_from[:, None]
