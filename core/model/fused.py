"""The session model's weights laid out for small steps: the same sums by few operations, in NumPy.

One event is little arithmetic and, written field by field and head by head, some 400 operations of torch, each with a
price of its own. Tables side by side and weights one below the other make 80 of them, which NumPy does for a third of
torch's price each, and without handing Python's lock to another thread around every one of them. Tests hold the answers
equal to the model's own.
"""

from typing import cast

import numpy as np
import torch
from torch import nn
from transformers.models.llama.modeling_llama import LlamaDecoderLayer

from core.model.event_encoder import EventEncoder, VectorField
from core.model.fields import CODE_COLUMNS
from core.model.heads import BEHAVIOR_BINS, BEHAVIOR_CODES, LEAST_PROBABILITY, MIX_COLUMNS, MIX_DECAYS, size_of
from core.model.row_batch import Floats, Places, RowBatch
from core.model.session_model import SessionModel
from core.model.soft_bins import SPAN, SoftBins

Mask = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


class FusedEncoder:
    """Events to event vectors, as `combine(encode_fields(batch))`; only the sum of the fields is made."""

    def __init__(self, encoder: EventEncoder) -> None:
        self._table = np.concatenate([_array(cast(nn.Embedding, part).weight) for part in encoder.codes])
        self._offsets = np.cumsum([0, *(column.size for column in CODE_COLUMNS[:-1])])
        self._bins = _Bins(encoder.bins)
        numbers = [cast(nn.Linear, part).weight for part in encoder.numbers]
        self._numbers = _columns(torch.cat(numbers, dim=1))  # [M * (K + 1), d]
        self._own_text, self._title = _VectorField(encoder.own_text), _VectorField(encoder.title)
        self._image = _VectorField(encoder.image)
        self._norm = _LayerNorm(encoder.norm)

    def vectors(self, batch: RowBatch) -> Floats:
        """[N, d]."""
        total = self._table[batch.codes + self._offsets].sum(axis=1)
        total += self._bins(batch.numbers) @ self._numbers
        total += self._own_text(batch.text_vectors, batch.own_text)
        total += self._title(batch.text_vectors, batch.title)
        total += self._image(batch.image_vectors, batch.image)
        return self._norm(total)


class _Bins:
    """SoftBins: [N, M] to [N, M * (K + 1)]."""

    def __init__(self, bins: SoftBins) -> None:
        self._centers, self._sharpness = _array(bins.centers), np.exp(_array(bins.sharpness))

    def __call__(self, numbers: Floats) -> Floats:
        missing = np.isnan(numbers)
        value = np.where(missing, np.float32(0), numbers).clip(-2 * SPAN, 2 * SPAN)
        distance = value[..., None] - self._centers
        weights = _softmax(-distance * distance * self._sharpness)
        weights[missing] = 0.0
        events, columns, count = weights.shape
        lit = np.empty((events, columns, count + 1), dtype=np.float32)
        lit[..., :-1], lit[..., -1] = weights, missing
        return lit.reshape(events, -1)


class _LayerNorm:
    def __init__(self, norm: nn.LayerNorm) -> None:
        self._weight, self._bias, self._epsilon = _array(norm.weight), _array(norm.bias), np.float32(norm.eps)

    def __call__(self, values: Floats) -> Floats:
        values = values - values.sum(axis=-1, keepdims=True) / np.float32(values.shape[-1])
        normed: Floats = values / _root_mean_square(values, self._epsilon) * self._weight + self._bias
        return normed


class _VectorField:
    """VectorField; row 0 of the vectors stands for none."""

    def __init__(self, field: VectorField) -> None:
        self._norm = _LayerNorm(field.norm)
        self._weight, self._bias = _columns(field.projection.weight), _array(field.projection.bias)
        self._missing = _array(field.missing)

    def __call__(self, vectors: Floats, rows: Places) -> Floats:
        if len(vectors) == 1:
            return self._missing
        table = np.empty((len(vectors), len(self._missing)), dtype=np.float32)
        table[0] = self._missing
        table[1:] = self._norm(vectors[1:]) @ self._weight + self._bias
        return table[rows]


class FusedBackbone:
    """The Llama decoder over a slab of keys and values that already has its final size."""

    def __init__(self, model: SessionModel) -> None:
        backbone = model.backbone
        self._layers = [_Layer(layer) for layer in backbone.layers]
        self._norm, self._epsilon = _array(backbone.norm.weight), np.float32(backbone.norm.variance_epsilon)
        self._heads = int(model.config.num_attention_heads)
        positions = torch.arange(int(model.config.prefix_events) + int(model.config.max_events))[None]
        cos, sin = backbone.rotary_emb(torch.zeros(1), positions)  # [1, P, D]
        self._half = sin.shape[-1] // 2
        self._cos = _array(cos[0])
        self._sin = _array(torch.cat([-sin[0, :, : self._half], sin[0, :, self._half :]], dim=-1))  # of halves swapped
        self._scale = np.float32(sin.shape[-1] ** -0.5)

    def read(self, vectors: Floats, slab: Floats, filled: int, positions: Places, mask: Mask | None) -> Floats:
        """States [B, n, d] of the next event vectors [B, n, d].

        Args:
            slab: [L, 2, B, H, filled + n, D] keys and values; those after `filled` are written here.
            positions: [B, n] int64 place of each new event in its window, the prefix counted.
            mask: [B, 1, n, filled + n] bool, True = may be read; None: everything.
        """
        windows, new, width = vectors.shape
        cos, sin = (part[positions][:, :, None, None] for part in (self._cos, self._sin))  # [B, n, 1, 1, D]
        states = vectors.reshape(-1, width)  # of all windows: one product instead of one each
        for layer, (keys, values) in zip(self._layers, slab, strict=True):
            mixed = _rms_norm(states, layer.norm_1, layer.epsilon) @ layer.attention_in
            mixed = mixed.reshape(windows, new, 3, self._heads, -1)
            turned = mixed[:, :, :2] * cos + self._swapped(mixed[:, :, :2]) * sin
            keys[:, :, filled:] = turned[:, :, 1].transpose(0, 2, 1, 3)
            values[:, :, filled:] = mixed[:, :, 2].transpose(0, 2, 1, 3)
            weights = turned[:, :, 0].transpose(0, 2, 1, 3) * self._scale @ keys.swapaxes(-1, -2)  # [B, H, n, T]
            if mask is not None:
                weights = np.where(mask, weights, np.float32(-np.inf))
            read = (_softmax(weights) @ values).transpose(0, 2, 1, 3).reshape(-1, width)
            states = states + read @ layer.attention_out
            gated = _rms_norm(states, layer.norm_2, layer.epsilon) @ layer.perceptron_in
            gate, up = gated[:, : layer.inner], gated[:, layer.inner :]
            states = states + (_silu(gate) * up) @ layer.perceptron_out
        return _rms_norm(states, self._norm, self._epsilon).reshape(windows, new, width)

    def _swapped(self, values: Floats) -> Floats:
        swapped = np.empty_like(values)
        swapped[..., : self._half], swapped[..., self._half :] = values[..., self._half :], values[..., : self._half]
        return swapped


class _Layer:
    """One decoder layer's weights, each to be multiplied from the right."""

    def __init__(self, layer: LlamaDecoderLayer) -> None:
        attention, perceptron = layer.self_attn, layer.mlp
        self.norm_1, self.norm_2 = _array(layer.input_layernorm.weight), _array(layer.post_attention_layernorm.weight)
        self.epsilon = np.float32(layer.input_layernorm.variance_epsilon)
        projections = (attention.q_proj, attention.k_proj, attention.v_proj)
        self.attention_in = _columns(torch.cat([projection.weight for projection in projections]))
        self.attention_out = _columns(attention.o_proj.weight)
        self.perceptron_in = _columns(torch.cat([perceptron.gate_proj.weight, perceptron.up_proj.weight]))
        self.perceptron_out = _columns(perceptron.down_proj.weight)
        self.inner = len(self.perceptron_out)


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
        self._weight = _columns(torch.cat([guess.weight for guess in guesses]))
        self._bias = np.concatenate([_array(guess.bias) for guess in guesses])
        self._apart, self._together = _segments(sizes)
        spread = head.spread.double()
        weight = head.output.weight.detach().double() / spread
        self._intents = _columns(weight.float())
        self._intent_bias = _array((head.output.bias.detach().double() - weight @ head.center.double()).float())

    def logits(self, states: Floats) -> Floats:
        """[..., d] -> [..., K]."""
        guesses = states @ self._weight + self._bias
        padded = np.full((*guesses.shape[:-1], guesses.shape[-1] + 1), -np.inf, dtype=np.float32)
        padded[..., :-1] = guesses
        shares = _softmax(padded[..., self._apart])  # [..., segments, longest]
        shares = shares.reshape(*shares.shape[:-2], -1)[..., self._together]
        logits: Floats = np.sqrt(shares + np.float32(LEAST_PROBABILITY)) @ self._intents + self._intent_bias
        return logits


def _segments(sizes: list[int]) -> tuple[Places, Places]:
    """Where each segment's values are [segments, longest], past the end for none; and where they are found there."""
    longest, total = max(sizes), sum(sizes)
    apart = np.full((len(sizes), longest), total)
    begin = 0
    for segment, size in enumerate(sizes):
        apart[segment, :size] = np.arange(begin, begin + size)
        begin += size
    return apart, np.flatnonzero(apart.ravel() < total)


class FusedModel:
    """All three, of one model that is not trained any more."""

    def __init__(self, model: SessionModel) -> None:
        self.config = model.config
        self.prefix = None if model.prefix is None else _array(model.prefix)
        self.encoder = FusedEncoder(model.event_encoder)
        self.backbone = FusedBackbone(model)
        self.head = FusedHead(model)


def softmax(logits: Floats, temperature: float) -> Floats:
    """Calibrated probabilities of logits [..., K]."""
    return _softmax(logits / np.float32(temperature))


def _softmax(values: Floats) -> Floats:
    """Over the last axis, at least one of which is finite."""
    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    powers /= powers.sum(axis=-1, keepdims=True)
    return powers


def _rms_norm(values: Floats, weight: Floats, epsilon: np.float32) -> Floats:
    normed: Floats = values / _root_mean_square(values, epsilon) * weight
    return normed


def _root_mean_square(values: Floats, epsilon: np.float32) -> Floats:
    """[..., 1] of [..., d]."""
    root: Floats = np.sqrt(np.vecdot(values, values)[..., None] / np.float32(values.shape[-1]) + epsilon)
    return root


def _silu(values: Floats) -> Floats:
    """x * sigmoid(x) by the hyperbolic tangent, which never overflows."""
    gated: Floats = np.float32(0.5) * values * (np.tanh(np.float32(0.5) * values) + np.float32(1))
    return gated


def _array(weight: torch.Tensor) -> Floats:
    """The numbers themselves, not a view of them."""
    return np.array(weight.detach().float().numpy(), order="C")


def _columns(weight: torch.Tensor) -> Floats:
    """[out, in] as [in, out], so that rows are multiplied with it."""
    return np.ascontiguousarray(weight.detach().float().numpy().T)
