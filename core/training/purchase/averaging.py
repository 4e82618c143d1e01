"""A moving average of the weights: the calm middle of the last steps (Polyak and Juditsky 1992)."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


class MovingAverage:
    """Follows a module's weights; young averages follow faster, so that the beginning is soon forgotten."""

    def __init__(self, module: nn.Module, decay: float) -> None:
        self._module = module
        self._decay = decay
        self._steps = 0
        self._average = {name: value.detach().clone() for name, value in module.named_parameters()}

    @torch.no_grad()
    def update(self) -> None:
        """Take one more step in."""
        self._steps += 1
        keep = min(self._decay, (1 + self._steps) / (10 + self._steps))
        for name, value in self._module.named_parameters():
            self._average[name].lerp_(value, 1 - keep)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The module with the averaged weights, for as long as the context lasts."""
        own = {name: value.detach().clone() for name, value in self._module.named_parameters()}
        _put(self._module, self._average)
        try:
            yield
        finally:
            _put(self._module, own)


@torch.no_grad()
def _put(module: nn.Module, weights: dict[str, torch.Tensor]) -> None:
    for name, value in module.named_parameters():
        value.copy_(weights[name])
