"""One visitor's live stream: running history, the key/value cache, and the last event vectors to restart it from."""

from collections import deque
from pathlib import Path

import torch
from transformers.cache_utils import DynamicCache

from core.model.batch import EventBatch
from core.model.featurizer import EventRow
from core.model.history import VisitorHistory
from core.model.modalities import ModalEncoder
from core.model.session_model import SessionModel


class VisitorStream:
    """State between two steps; at most `max_events` cached events (about 4 KB each for the small model)."""

    def __init__(self, visitor_id: str) -> None:
        self.visitor_id = visitor_id
        self.history = VisitorHistory()
        self._vectors: deque[torch.Tensor] = deque()
        self._cache: DynamicCache | None = None
        self._cached = 0

    def extend(self, model: SessionModel, vector: torch.Tensor, stride: int) -> torch.Tensor:
        """Run the backbone over one more event vector [1, 1, d]; its intent logits [1, 1, K].

        A full window is left behind by reading its last half anew, as window.py plans windows.
        """
        if self._cache is None or self._cached >= model.config.max_events:
            self._restart(model, stride)
        self._vectors.append(vector)
        output = model(event_vectors=vector, past_key_values=self._cache, use_cache=True)
        self._cached += 1
        return output.intent_logits

    def _restart(self, model: SessionModel, stride: int) -> None:
        while len(self._vectors) > stride:
            self._vectors.popleft()
        self._cache = DynamicCache(config=model.backbone.config)
        self._cached = len(self._vectors)
        if self._vectors:
            model(event_vectors=torch.cat(list(self._vectors), dim=1), past_key_values=self._cache, use_cache=True)


def single_event_batch(row: EventRow, modal: ModalEncoder, media: Path | None) -> EventBatch:
    """One featurized event as a batch of B = 1, T = 1."""
    text = modal.texts([value for value in (row.own_text, row.title) if value])
    image = modal.images([media / row.image])[0] if media is not None and row.image else None
    return EventBatch(
        codes=torch.tensor(row.codes)[None, None],
        numbers=torch.tensor(row.numbers, dtype=torch.float32)[None, None],
        own_text=torch.tensor([[1 if row.own_text else 0]]),
        title=torch.tensor([[len(text) if row.title else 0]]),
        image=torch.tensor([[0 if image is None else 1]]),
        text_vectors=torch.stack([torch.zeros(modal.text_size), *text]),
        image_vectors=torch.stack([torch.zeros(modal.image_size), *([] if image is None else [image])]),
        attention_mask=torch.ones(1, 1, dtype=torch.bool),
    )
