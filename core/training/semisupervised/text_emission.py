"""What an event's words say of the intent, beyond what its type says.

A log-linear classifier of intents over n-grams of letters; its answer divided by the intents' base rate is the words'
likelihood up to a factor that is the same for all intents (Bourlard and Morgan 1994). Clusters of words, which a
table of emissions needs, would mix phrases that look alike and mean different things.
"""

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.feature_extraction.text import TfidfVectorizer

from core.model.featurizer import EventTable
from core.model.fields import CODE_INDEX
from core.training.minimize import minimize

_MOST_GRAMS = 20_000
_STEPS = 10
_PENALTY_TIMES_LABELS = 8000.0
_PENALTIES = (1.0, 20.0)
"""Few labels are spread far by their sessions' other events, and rare words would then only echo them."""


class TextEmission:
    """Words given intent and event type, at the M events that carry words of their own.

    Args:
        labels: how many events are labeled; the fewer, the less words may say.
    """

    def __init__(self, table: EventTable, kept: np.ndarray, intents: int, labels: int) -> None:
        rows = np.flatnonzero((table.own_text > 0) & kept)
        texts, text = np.unique(table.own_text[rows], return_inverse=True)
        kinds, kind = np.unique(table.codes[rows, CODE_INDEX["event_type"]], return_inverse=True)
        pairs, pair = np.unique(text * len(kinds) + kind, return_inverse=True)
        self.rows = torch.from_numpy(rows)
        self._pair = torch.from_numpy(pair)
        self._text, self._kind = torch.from_numpy(pairs // len(kinds)), torch.from_numpy(pairs % len(kinds))
        self._grams = _Grams([table.texts[place] for place in texts])
        self._weights = torch.zeros(self._grams.count, intents)
        self._rates = torch.zeros(len(kinds), intents)
        least, most = _PENALTIES
        self._penalty = min(most, max(least, _PENALTY_TIMES_LABELS / max(1, labels)))

    @staticmethod
    def observed(table: EventTable, kept: np.ndarray) -> bool:
        """Whether there are different words to tell apart."""
        return len(np.unique(table.own_text[(table.own_text > 0) & kept])) > 1

    def log_likelihood(self) -> torch.Tensor:
        """[M, K] up to a constant a row."""
        return (self._answers(self._weights) - self._rates[self._kind])[self._pair]

    def fit(self, responsibilities: torch.Tensor) -> None:
        """Learn which words go with which intents.

        Args:
            responsibilities: [M, K] weight of each intent at each of the rows.
        """
        counts = torch.zeros(len(self._text), responsibilities.shape[1]).index_add_(0, self._pair, responsibilities)
        rates = torch.ones_like(self._rates).index_add_(0, self._kind, counts)
        self._rates = torch.log(rates / rates.sum(dim=1, keepdim=True))
        scale = 100 / float(counts.sum().clamp_min(1e-6))
        weights = self._weights.clone().requires_grad_()

        def loss() -> torch.Tensor:
            unlikely = -(counts * self._answers(weights)).sum()
            return scale * (unlikely + self._penalty / 2 * weights.square().sum())

        minimize(loss, [weights], _STEPS)
        self._weights = weights.detach()

    def _answers(self, weights: torch.Tensor) -> torch.Tensor:
        """Log chances of the intents [P, K] for each pair of a text and an event type."""
        said = F.embedding(self._text, self._grams.sum(weights))
        return torch.log_softmax(said + self._rates[self._kind], dim=-1)


class _Grams:
    """Weighted n-grams of letters, within words, of U texts."""

    def __init__(self, texts: list[str]) -> None:
        counts = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 3), sublinear_tf=True, max_features=_MOST_GRAMS)
        found = counts.fit_transform(texts)
        self.count = int(found.shape[1])
        self._gram = torch.from_numpy(found.indices.astype(np.int64))
        self._first = torch.from_numpy(found.indptr[:-1].astype(np.int64))
        self._weight = torch.from_numpy(found.data.astype(np.float32))

    def sum(self, weights: torch.Tensor) -> torch.Tensor:
        """[U, K]: each text's sum over its n-grams of rows of `weights` [G, K]."""
        return F.embedding_bag(self._gram, weights, self._first, mode="sum", per_sample_weights=self._weight)
