"""Learned keys and values before a visitor's first event (prefix tuning, Li and Liang 2021); the rest stays fixed.

When to use it: to keep one pretrained model for several tasks and store a few hundred numbers for each. When not:
where quality decides; it is not measured here. peft's own prefix overwrites the cache that it is given, so a visitor's
stream would forget its events; the prefix is therefore a part of the session model, and serving is exact.
"""

import torch
from torch import nn

from core.training.recipes.recipe import Recipe

PREFIX_EVENTS = 8


class Prefix(Recipe):
    """Train keys and values of made-up events, and the head."""

    moves_states = True
    learning_rate_factor = 10.0

    def begin(self, steps: int) -> nn.ModuleList:
        model = self.model
        if model.prefix is None:
            model.set_prefix(self._first_guess(PREFIX_EVENTS))
        for name, parameter in model.named_parameters():
            parameter.requires_grad_(name == "prefix" or name.startswith("intent_head."))
        return nn.ModuleList([self.head, nn.ParameterList([model.prefix])])

    def _first_guess(self, events: int) -> torch.Tensor:
        """Keys and values that the backbone makes of events around the mean one: activations it knows how to read."""
        model = self.model
        mean = model.mean_event.sum(dim=0)
        noise = torch.randn(events, len(mean)) * mean.std().clamp_min(1e-3)
        with torch.no_grad():
            output = model(event_vectors=model.event_encoder.norm(mean + noise)[None], use_cache=True)
        layers = output.past_key_values.layers
        return torch.stack([torch.stack([layer.keys[0], layer.values[0]]) for layer in layers])
