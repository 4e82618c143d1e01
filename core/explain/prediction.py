"""One prediction as a function of its field embeddings: what every attribution method differentiates or perturbs."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

Probability = Callable[[Tensor, Tensor], Tensor]
"""(field embeddings [B, T, F, d], attention_mask [B, T]) → [B], the probability of the intent at the last event."""


@dataclass(frozen=True)
class Prediction:
    """The input of one prediction and the mean event to compare it with.

    field_embeddings, baseline_input: [1, T, F, d] float32; attention_mask: [1, T] bool.
    """

    probability: Probability
    field_embeddings: Tensor
    baseline_input: Tensor
    attention_mask: Tensor

    @property
    def event_count(self) -> int:
        return int(self.field_embeddings.shape[1])

    def keep_events(self, kept: Tensor) -> Tensor:
        """Probabilities when only the kept events stay and the others become the mean event.

        Args:
            kept: [N, T] bool, one row a variant.

        Returns:
            [N] float32.
        """
        rows = kept.shape[0]
        chosen = kept[:, :, None, None]
        variants = torch.where(chosen, self.field_embeddings, self.baseline_input)
        with torch.no_grad():
            return self.probability(variants, self.attention_mask.expand(rows, -1))
