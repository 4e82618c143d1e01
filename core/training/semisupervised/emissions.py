"""How likely an observation is by intent: a log-linear table fitted to expected counts."""

import numpy as np
import torch

from core.training.minimize import minimize
from core.training.semisupervised.observations import Observation

_CONTEXT_PENALTY = 0.05
_STEPS = 8


class TableEmission:
    """log p(value | intent, context) = context's logits + intent's logits, normalised over the values.

    Context and intent add up, so an intent's few numbers are learned from all contexts together; a value that a
    context rules out (a purchase without a checkout) has a low logit there and speaks for no intent.
    """

    def __init__(self, observation: Observation, intents: int, penalty: float) -> None:
        self.rows = torch.from_numpy(observation.rows)
        self._values = torch.from_numpy(observation.values)
        self._contexts = torch.from_numpy(observation.contexts)
        self._penalty = penalty
        values, contexts = int(observation.values.max()) + 1, int(observation.contexts.max()) + 1
        self._of_intent = torch.zeros(intents, values)
        self._of_context = torch.zeros(contexts, values)

    def log_likelihood(self) -> torch.Tensor:
        """[M, K] at the observation's rows."""
        table = torch.log_softmax(self._logits(self._of_context, self._of_intent), dim=-1)  # [U, K, C]
        return table.permute(0, 2, 1)[self._contexts, self._values]

    def fit(self, responsibilities: torch.Tensor) -> None:
        """Raise the expected log likelihood, less a penalty on what sets intents apart.

        Args:
            responsibilities: [M, K] weight of each intent at each of the rows.
        """
        counts = self._counts(responsibilities)  # [U, K, C]
        totals, scale = counts.sum(dim=-1), 1.0 / float(counts.sum().clamp_min(1e-6))
        context, intent = (part.clone().requires_grad_() for part in (self._of_context, self._of_intent))

        def loss() -> torch.Tensor:
            logits = self._logits(context, intent)
            unlikely = (totals * torch.logsumexp(logits, dim=-1)).sum() - (counts * logits).sum()
            penalty = self._penalty / 2 * intent.square().sum() + _CONTEXT_PENALTY / 2 * context.square().sum()
            return 100 * scale * (unlikely + penalty)

        minimize(loss, [context, intent], _STEPS)
        self._of_context, self._of_intent = context.detach(), intent.detach()

    def _counts(self, responsibilities: torch.Tensor) -> torch.Tensor:
        contexts, (intents, values) = len(self._of_context), self._of_intent.shape
        flat = torch.zeros(contexts * values, intents)
        flat.index_add_(0, self._contexts * values + self._values, responsibilities)
        return flat.view(contexts, values, intents).permute(0, 2, 1)

    @staticmethod
    def _logits(context: torch.Tensor, intent: torch.Tensor) -> torch.Tensor:
        return context[:, None] + intent[None]


def emissions(observations: list[Observation], kept: np.ndarray, intents: int, penalty: float) -> list[TableEmission]:
    """One emission an observation, of the kept events ([N] bool) only."""
    parts = []
    for seen in observations:
        inside = kept[seen.rows]
        if inside.any():
            part = Observation(seen.name, seen.rows[inside], seen.values[inside], seen.contexts[inside])
            parts.append(TableEmission(part, intents, penalty))
    return parts
