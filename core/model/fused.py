"""The session model's weights laid out for small steps: the same sums by few operations.

One event is little arithmetic and, written field by field and head by head, some 400 operations of torch, each with a
price of its own: 1.3 ms. Tables side by side and weights one below the other make 80 of them. Tests hold the answers
equal to the model's own.
"""

from typing import cast

import torch
from torch import nn
from torch.nn import functional
from transformers.models.llama.modeling_llama import LlamaDecoderLayer

from core.model.batch import EventBatch
from core.model.event_encoder import EventEncoder, VectorField
from core.model.fields import CODE_COLUMNS
from core.model.heads import BEHAVIOR_BINS, BEHAVIOR_CODES, LEAST_PROBABILITY, MIX_COLUMNS, MIX_DECAYS, size_of
from core.model.session_model import SessionModel


class FusedEncoder:
    """Batches to event vectors, as `combine(encode_fields(batch))`; only the sum of the fields is made."""

    def __init__(self, encoder: EventEncoder) -> None:
        self._encoder = encoder
        self._table = torch.cat([cast(nn.Embedding, part).weight.detach() for part in encoder.codes])
        sizes = torch.tensor([0, *(column.size for column in CODE_COLUMNS[:-1])])
        self._offsets = sizes.cumsum(0)
        numbers = [cast(nn.Linear, part).weight.detach() for part in encoder.numbers]
        self._numbers = torch.cat(numbers, dim=1)  # [d, M * (K + 1)]

    def vectors(self, batch: EventBatch) -> torch.Tensor:
        """[B, T, d]."""
        windows, events = batch.shape
        codes = (batch.codes + self._offsets).flatten(0, 1)  # [B * T, C]
        total = functional.embedding_bag(codes, self._table, mode="sum").view(windows, events, -1)
        total = total + functional.linear(self._encoder.bins(batch.numbers).flatten(-2), self._numbers)
        total = total + _projected(self._encoder.own_text, batch.text_vectors, batch.own_text)
        total = total + _projected(self._encoder.title, batch.text_vectors, batch.title)
        total = total + _projected(self._encoder.image, batch.image_vectors, batch.image)
        vectors: torch.Tensor = self._encoder.norm(total)
        return vectors


def _projected(field: VectorField, vectors: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
    """As the field itself; row 0 of the vectors stands for none."""
    if len(vectors) == 1:
        return field.missing
    table = torch.cat([field.missing[None], field.projection(field.norm(vectors[1:]))])
    return functional.embedding(rows, table)


class FusedBackbone:
    """The Llama decoder over a slab of keys and values that already has its final size."""

    def __init__(self, model: SessionModel) -> None:
        backbone = model.backbone
        self._layers = [_Layer(layer) for layer in backbone.layers]
        self._norm = backbone.norm
        self._heads = int(model.config.num_attention_heads)
        positions = torch.arange(int(model.config.prefix_events) + int(model.config.max_events))[None]
        cos, sin = backbone.rotary_emb(torch.zeros(1), positions)  # [1, P, D]
        half = sin.shape[-1] // 2
        self._cos = cos[0]
        self._sin = torch.cat([-sin[0, :, :half], sin[0, :, half:]], dim=-1)  # for a half that is rolled, not negated

    def read(
        self, vectors: torch.Tensor, slab: torch.Tensor, filled: int, positions: torch.Tensor, mask: torch.Tensor | None
    ) -> torch.Tensor:
        """States [B, n, d] of the next event vectors [B, n, d].

        Args:
            slab: [L, 2, B, H, filled + n, D] keys and values; those after `filled` are written here.
            positions: [B, n] int64 place of each new event in its window, the prefix counted.
            mask: [B, 1, n, filled + n] bool, True = may be read; None: everything.
        """
        windows, new, width = vectors.shape
        cos, sin = (part[positions][:, :, None, None] for part in (self._cos, self._sin))  # [B, n, 1, 1, D]
        states = vectors
        for layer, (keys, values) in zip(self._layers, slab, strict=True):
            normed = functional.rms_norm(states, (width,), layer.norm_1, layer.epsilon)
            mixed = functional.linear(normed, layer.attention_in).view(windows, new, 3, self._heads, -1)
            turned = mixed[:, :, :2]
            turned = turned * cos + turned.roll(turned.shape[-1] // 2, -1) * sin
            keys[:, :, filled:] = turned[:, :, 1].transpose(1, 2)
            values[:, :, filled:] = mixed[:, :, 2].transpose(1, 2)
            read = functional.scaled_dot_product_attention(turned[:, :, 0].transpose(1, 2), keys, values, mask)
            states = states + functional.linear(read.transpose(1, 2).reshape(windows, new, -1), layer.attention_out)
            normed = functional.rms_norm(states, (width,), layer.norm_2, layer.epsilon)
            gate, up = functional.linear(normed, layer.perceptron_in).chunk(2, dim=-1)
            states = states + functional.linear(functional.silu(gate) * up, layer.perceptron_out)
        normed = self._norm(states)
        return torch.as_tensor(normed)


class _Layer:
    """One decoder layer's weights."""

    def __init__(self, layer: LlamaDecoderLayer) -> None:
        attention, perceptron = layer.self_attn, layer.mlp
        self.norm_1, self.norm_2 = layer.input_layernorm.weight, layer.post_attention_layernorm.weight
        self.epsilon = layer.input_layernorm.variance_epsilon
        projections = (attention.q_proj, attention.k_proj, attention.v_proj)
        self.attention_in = torch.cat([projection.weight.detach() for projection in projections])
        self.attention_out = attention.o_proj.weight
        self.perceptron_in = torch.cat([perceptron.gate_proj.weight.detach(), perceptron.up_proj.weight.detach()])
        self.perceptron_out = perceptron.down_proj.weight


class FusedHead:
    """States [..., d] to intent logits [..., K], as `intent_head(next_event.forecast(states))`."""

    def __init__(self, model: SessionModel) -> None:
        heads, head = model.next_event, model.intent_head
        if head is None:
            raise ValueError("the model is only pretrained, expected one with intents.")
        columns = (*BEHAVIOR_CODES, *BEHAVIOR_BINS)
        guesses = [cast(nn.Linear, heads.columns[name]) for name in columns]
        guesses += [cast(nn.Linear, heads.mixes[name]) for name in MIX_COLUMNS]
        sizes = [size_of(name) for name in columns]
        sizes += [size_of(name) for name in MIX_COLUMNS for _ in MIX_DECAYS]
        self._weight = torch.cat([guess.weight.detach() for guess in guesses])
        self._bias = torch.cat([guess.bias.detach() for guess in guesses])
        self._apart, self._together = _segments(sizes)
        spread = head.spread.double()
        weight = head.output.weight.detach().double() / spread
        self._intents = weight.float()
        self._intent_bias = (head.output.bias.detach().double() - weight @ head.center.double()).float()

    def logits(self, states: torch.Tensor) -> torch.Tensor:
        """[..., d] -> [..., K]."""
        guesses = functional.linear(states, self._weight, self._bias)
        padded = functional.pad(guesses, (0, 1), value=float("-inf"))[..., self._apart]  # [..., segments, longest]
        shares = torch.softmax(padded, dim=-1).flatten(-2)[..., self._together]
        return functional.linear((shares + LEAST_PROBABILITY).sqrt(), self._intents, self._intent_bias)


def _segments(sizes: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
    """Where each segment's values are [segments, longest], past the end for none; and where they are found there."""
    longest, total = max(sizes), sum(sizes)
    apart = torch.full((len(sizes), longest), total)
    begin = 0
    for segment, size in enumerate(sizes):
        apart[segment, :size] = torch.arange(begin, begin + size)
        begin += size
    return apart, (apart.flatten() < total).nonzero()[:, 0]


class FusedModel:
    """All three, of one model that is not trained any more."""

    def __init__(self, model: SessionModel) -> None:
        self.config = model.config
        self.prefix = None if model.prefix is None else model.prefix.detach()
        self.encoder = FusedEncoder(model.event_encoder)
        self.backbone = FusedBackbone(model)
        self.head = FusedHead(model)
