"""Serving a purchase model: the probability that the session will buy, at every event before its first order."""

from pathlib import Path

import numpy as np
import pandas as pd
import torch

from core.model.checkpoint import Checkpoint, load_checkpoint
from core.model.modalities import ModalEncoder
from core.model.purchase_cut import PURCHASE, before_first_order
from core.model.purchase_head import PurchaseHead, load_head
from core.model.window import batches_by_length, gather, plan_windows

_POSITIONS = 4096
_SORT_KEYS = ["visitor_id", "occurred_at", "event_id"]


class PurchaseScorer:
    """A purchase model ready to answer."""

    def __init__(self, checkpoint: Checkpoint, head: PurchaseHead) -> None:
        self.model = checkpoint.model.eval().requires_grad_(False)
        self.head = head.eval().requires_grad_(False)
        self.featurizer = checkpoint.featurizer
        self.card = checkpoint.card
        self.model_id: str = str(checkpoint.card.get("model_id", ""))
        self.target: str = str(checkpoint.card.get("target", PURCHASE))
        self._modal = ModalEncoder(checkpoint)

    @classmethod
    def load(cls, folder: Path) -> "PurchaseScorer":
        """Load a purchase model's folder.

        Raises:
            BrokenCheckpointError: damaged, or a model without a purchase head.
        """
        return cls(load_checkpoint(folder), load_head(folder))

    def score(self, events: pd.DataFrame, items: pd.DataFrame, media: Path | None = None) -> np.ndarray:
        """[N] float32 calibrated probabilities, rows as `events`; NaN from a session's first order on.

        Whole streams of visitors: what a visitor did before decides too, as far as it is before an order.
        """
        result = np.full(len(events), np.nan, dtype=np.float32)
        frame = events.reset_index(drop=True)
        readable = frame[before_first_order(frame, self.target)].sort_values(_SORT_KEYS, kind="stable")
        if len(readable):
            result[readable.index.to_numpy()] = self._score_sorted(readable.reset_index(drop=True), items, media)
        return result

    def _score_sorted(self, events: pd.DataFrame, items: pd.DataFrame, media: Path | None) -> np.ndarray:
        table, vectors = self._modal.encode(self.featurizer.transform(events, items), media)
        windows = plan_windows(table.visitor_starts, len(table), self.model.config.max_events)
        result = np.empty(len(table), dtype=np.float32)
        for chosen in batches_by_length(windows, _POSITIONS):
            part = windows.take(chosen)
            batch = gather(table, part, vectors.text, vectors.image)
            with torch.inference_mode():
                states = self.model(batch).last_hidden_state
                probabilities = self.head.calibrated(self.head(states)).numpy()  # [B, T]
            answered = batch.attention_mask.numpy() & (np.arange(batch.shape[1]) >= part.scored_from[:, None])
            result[part.scored_rows()] = probabilities[answered]
        return result
