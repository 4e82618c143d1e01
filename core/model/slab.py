"""A key/value cache for one pass over many streams: all of it is one tensor, made once at its final size.

The library's own cache grows by concatenation, layer by layer: for 64 streams of 100 events that was 70 % of the pass.
"""

import torch
from transformers.cache_utils import Cache, DynamicLayer


class _SlabLayer(DynamicLayer):
    """One layer's keys and values [B, H, T, D], of which the first `filled` events are there already."""

    def __init__(self, keys: torch.Tensor, values: torch.Tensor, filled: int) -> None:
        super().__init__()
        self._all = keys, values
        self.dtype, self.device = keys.dtype, keys.device
        self.keys, self.values = keys[:, :, :filled], values[:, :, :filled]
        self.is_initialized = True

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *args: object, **kwargs: object
    ) -> tuple[torch.Tensor, torch.Tensor]:
        filled = self.keys.shape[2]
        end = filled + key_states.shape[2]
        keys, values = self._all
        keys[:, :, filled:end], values[:, :, filled:end] = key_states, value_states
        self.keys, self.values = keys[:, :, :end], values[:, :, :end]
        return self.keys, self.values


def slab_cache(slab: torch.Tensor, filled: int) -> Cache:
    """A cache over [L, 2, B, H, T, D], filled up to `filled` of its T events; a pass over the others fills them."""
    return Cache(layers=[_SlabLayer(keys, values, filled) for keys, values in slab])


def slab_of(caches: list[torch.Tensor], longest: int, new: int) -> torch.Tensor:
    """[L, 2, B, H, longest + new, D] with each cache [L, 2, H, P, D] at its left up to `longest`, zeros before it."""
    layers, both, heads, _, size = caches[0].shape
    slab = torch.empty(layers, both, len(caches), heads, longest + new, size)
    for place, cache in enumerate(caches):
        begin = longest - cache.shape[3]
        slab[:, :, place, :, :begin] = 0.0
        slab[:, :, place, :, begin:longest] = cache
    return slab
