"""The model as functions of plain tensors: what the exporter traces.

EventBatch and the cache object are no tensors, and `torch.unique` has no ONNX form; so the batch comes field by field,
the cache as two tensors, and texts and pictures as tables of vectors that are projected whole.
"""

import copy
from typing import NamedTuple

import torch
from torch import nn
from transformers.cache_utils import DynamicCache

from core.model.batch import EventBatch
from core.model.event_encoder import VectorField
from core.model.session_model import SessionModel

BATCH_INPUTS: tuple[str, ...] = ("codes", "numbers", "own_text", "title", "image", "text_vectors", "image_vectors")
"""Inputs of both graphs, as EventBatch names and shapes them; its mask is not needed: batches are right-padded."""

CACHE_INPUTS: tuple[str, ...] = ("keys", "values")
"""Further inputs of the step graph: [L, B, H, P, D] float32 of the P events read so far."""


class BatchTensors(NamedTuple):
    """An EventBatch without its mask, in the order of BATCH_INPUTS."""

    codes: torch.Tensor
    numbers: torch.Tensor
    own_text: torch.Tensor
    title: torch.Tensor
    image: torch.Tensor
    text_vectors: torch.Tensor
    image_vectors: torch.Tensor

    @classmethod
    def of(cls, batch: EventBatch) -> "BatchTensors":
        """The batch's tensors."""
        return cls(*(getattr(batch, name) for name in BATCH_INPUTS))

    def batch(self) -> EventBatch:
        """The batch again, every event real."""
        return EventBatch(**self._asdict(), attention_mask=torch.ones_like(self.title, dtype=torch.bool))


class TableField(nn.Module):
    """A VectorField that projects every vector of the table, where the original projects each one that occurs."""

    def __init__(self, field: VectorField) -> None:
        super().__init__()
        self.norm, self.projection, self.missing = field.norm, field.projection, field.missing

    def forward(self, vectors: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        projected = self.projection(self.norm(vectors))[rows]  # [B, T, d]
        return torch.where(rows[..., None] == 0, self.missing, projected)


def exportable(model: SessionModel) -> SessionModel:
    """A copy of the model whose text and picture fields the exporter can trace."""
    twin = copy.deepcopy(model).eval().requires_grad_(False)
    for parent in list(twin.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, VectorField):
                setattr(parent, name, TableField(child))
    return twin


class FullPass(nn.Module):
    """A right-padded batch of windows -> calibrated probabilities [B, T, K]."""

    def __init__(self, model: SessionModel, temperature: float) -> None:
        super().__init__()
        self.model = model
        self.temperature = temperature

    def forward(
        self,
        codes: torch.Tensor,
        numbers: torch.Tensor,
        own_text: torch.Tensor,
        title: torch.Tensor,
        image: torch.Tensor,
        text_vectors: torch.Tensor,
        image_vectors: torch.Tensor,
    ) -> torch.Tensor:
        given = BatchTensors(codes, numbers, own_text, title, image, text_vectors, image_vectors)
        return torch.softmax(self.model(given.batch()).intent_logits / self.temperature, dim=-1)


class Step(nn.Module):
    """One further event of each stream and its cache -> probabilities [B, 1, K] and the cache with the event in it."""

    def __init__(self, model: SessionModel, temperature: float) -> None:
        super().__init__()
        self.model = model
        self.temperature = temperature

    def forward(
        self,
        codes: torch.Tensor,
        numbers: torch.Tensor,
        own_text: torch.Tensor,
        title: torch.Tensor,
        image: torch.Tensor,
        text_vectors: torch.Tensor,
        image_vectors: torch.Tensor,
        keys: torch.Tensor,
        values: torch.Tensor,
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        given = BatchTensors(codes, numbers, own_text, title, image, text_vectors, image_vectors)
        cache = DynamicCache(config=self.model.backbone.config)
        for layer in range(keys.shape[0]):
            cache.update(keys[layer], values[layer], layer)
        output = self.model(given.batch(), past_key_values=cache, use_cache=True)
        probabilities = torch.softmax(output.intent_logits / self.temperature, dim=-1)
        grown = ([layer.keys for layer in cache.layers], [layer.values for layer in cache.layers])
        return probabilities, torch.stack(grown[0]), torch.stack(grown[1])


def empty_cache(model: SessionModel, windows: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Keys and values [L, B, H, 0, D] of streams that have read nothing yet."""
    config = model.config
    heads = config.num_attention_heads
    shape = (config.num_hidden_layers, windows, heads, 0, config.hidden_size // heads)
    return torch.zeros(shape), torch.zeros(shape)
