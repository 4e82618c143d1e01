"""Masked-word pretraining of the text encoder on the shop's distinct texts (Devlin et al. 2019, BERT)."""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

from core.model.fields import PAD_ID
from core.model.text_encoder import MASK_ID, SPECIAL_TOKENS, TextEncoder, token_ids
from core.training.loop import Losses

_MASKED_SHARE = 0.2
TEXT_BATCH = 128


class MaskedWords:
    """Steps over the texts: hide a fifth of the tokens, guess them; output weights are the input embeddings."""

    def __init__(self, encoder: TextEncoder, tokenizer: Tokenizer, texts: Sequence[str], seed: int) -> None:
        self._encoder = encoder
        self._ids = token_ids(tokenizer, texts, encoder.max_tokens) if texts else torch.zeros(0, 1, dtype=torch.int64)
        self._seed = seed

    def steps(self, epochs: int) -> int:
        """Steps of so many epochs; none without texts."""
        return epochs * -(-len(self._ids) // TEXT_BATCH)

    def __call__(self, step: int) -> Losses:
        epoch_steps = -(-len(self._ids) // TEXT_BATCH)
        order = np.random.default_rng([self._seed, step // epoch_steps]).permutation(len(self._ids))
        begin = (step % epoch_steps) * TEXT_BATCH
        ids = self._ids[order[begin : begin + TEXT_BATCH]]
        ids = ids[:, : max(1, int((ids != PAD_ID).sum(dim=1).max()))]
        generator = torch.Generator().manual_seed(self._seed * 1_000_003 + step)
        hidden = (torch.rand(ids.shape, generator=generator) < _MASKED_SHARE) & (ids >= len(SPECIAL_TOKENS))
        states = self._encoder.states(ids.masked_fill(hidden, MASK_ID))[hidden]
        logits = states @ self._encoder.bert.embeddings.word_embeddings.weight.T
        # reduction by hand: a batch in which nothing was hidden has loss 0, not NaN
        loss = F.cross_entropy(logits, ids[hidden], reduction="sum") / max(1, int(hidden.sum()))
        return {"masked_word": loss}
