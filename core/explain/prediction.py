"""One prediction as a function of its field embeddings: what every attribution method differentiates or perturbs."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

Probability = Callable[[Tensor, Tensor], Tensor]
"""(field embeddings [B, T, F, d], attention_mask [B, T]) → [B], the probability of the intent at the last event."""

POSITIONS = 4096
"""Events run through the model together: bounds the memory of long sessions, and more is no faster."""


@dataclass(frozen=True)
class Prediction:
    """The input of one prediction and the mean event to compare it with.

    field_embeddings, baseline_input: [1, T, F, d] float32; attention_mask: [1, T] bool.
    attentions: how much each event attends to each, layer by layer, means over the heads, [L, T, T] float32; None
        where the model has none to show.
    known_ends: `ends`, where they have been asked for already; of these very events, not to be handed on with others.
    """

    probability: Probability
    field_embeddings: Tensor
    baseline_input: Tensor
    attention_mask: Tensor
    attentions: Callable[[], Tensor] | None = None
    known_ends: tuple[float, float] | None = None

    @property
    def event_count(self) -> int:
        return int(self.field_embeddings.shape[1])

    @property
    def field_count(self) -> int:
        return int(self.field_embeddings.shape[2])

    @cached_property
    def ends(self) -> tuple[float, float]:
        """The probability of the events as they were, and of as many mean events."""
        if self.known_ends is not None:
            return self.known_ends
        probability, baseline = self.keep_events(torch.tensor([[True], [False]]).expand(2, self.event_count)).tolist()
        return probability, baseline

    def keep_events(self, kept: Tensor) -> Tensor:
        """Probabilities when only the kept events stay and the others become the mean event.

        Args:
            kept: [N, T] bool, one row a variant.

        Returns:
            [N] float32.
        """
        return self.keep_cells(kept[:, :, None])

    def keep_cells(self, kept: Tensor) -> Tensor:
        """The same for single fields of single events.

        Args:
            kept: [N, T, F] bool (or [N, T, 1] for whole events).
        """
        rows = max(1, POSITIONS // self.event_count)
        with torch.no_grad():
            return torch.cat([self._probabilities(part) for part in torch.split(kept, rows)])

    def _probabilities(self, kept: Tensor) -> Tensor:
        variants = torch.where(kept[..., None], self.field_embeddings, self.baseline_input)
        return self.probability(variants, self.attention_mask.expand(len(kept), -1))
