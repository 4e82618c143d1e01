"""Texts to vectors: a byte-pair tokenizer trained on the shop's texts (Chinese by character) and a small BERT."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from tokenizers.models import BPE
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.trainers import BpeTrainer
from torch import nn
from transformers import BertConfig, BertModel

from core.errors import BrokenCheckpointError
from core.model.config import SessionModelConfig
from core.model.fields import PAD_ID

TOKENIZER_FILE = "tokenizer.json"
SPECIAL_TOKENS: tuple[str, ...] = ("[PAD]", "[UNK]", "[MASK]")
MASK_ID = 2
_ENCODE_BATCH = 256


def train_tokenizer(texts: Sequence[str], vocabulary_size: int) -> Tokenizer:
    """A byte-pair tokenizer of the shop's own words; ids 0, 1, 2 are padding, unknown, mask.

    No word-piece prefix: with one, the trainer breaks ties differently in every run and seeds decide nothing.
    """
    tokenizer = Tokenizer(BPE(unk_token="[UNK]"))  # noqa: S106 - a token of text
    tokenizer.normalizer = BertNormalizer(lowercase=True, handle_chinese_chars=True)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    trainer = BpeTrainer(
        vocab_size=vocabulary_size, special_tokens=list(SPECIAL_TOKENS), show_progress=False, min_frequency=2
    )
    tokenizer.train_from_iterator(texts, trainer=trainer)
    return tokenizer


def save_tokenizer(tokenizer: Tokenizer, folder: Path) -> None:
    """Write tokenizer.json."""
    tokenizer.save(str(folder / TOKENIZER_FILE))


def load_tokenizer(folder: Path) -> Tokenizer:
    """Read tokenizer.json.

    Raises:
        BrokenCheckpointError: missing or damaged.
    """
    path = folder / TOKENIZER_FILE
    try:
        text = path.read_text(encoding="utf-8")
        if "model" not in json.loads(text):
            raise ValueError("no tokenizer model in it")
    except (OSError, ValueError, TypeError) as error:
        raise BrokenCheckpointError(f"{path} cannot be read ({error}); train or import the model again.") from error
    return Tokenizer.from_str(text)


def token_ids(tokenizer: Tokenizer, texts: Sequence[str], max_tokens: int) -> torch.Tensor:
    """[U, L] int64 right-padded token ids, L = the longest text's, at least 1 and at most max_tokens."""
    encoded = [encoding.ids[:max_tokens] for encoding in tokenizer.encode_batch(list(texts), add_special_tokens=False)]
    width = max(1, max((len(ids) for ids in encoded), default=1))
    padded = np.full((len(encoded), width), PAD_ID, dtype=np.int64)
    for row, ids in enumerate(encoded):
        padded[row, : len(ids)] = ids
    return torch.from_numpy(padded)


class TextEncoder(nn.Module):
    """[U, L] token ids -> [U, 2 * text_width]: mean token embedding beside mean last state, over real tokens.

    The first half keeps which words there are, the second what they mean together.
    """

    def __init__(self, config: SessionModelConfig) -> None:
        super().__init__()
        self.max_tokens = config.max_tokens
        self.vector_size = config.text_vector_size
        self.bert = BertModel(
            BertConfig(
                vocab_size=config.text_vocabulary_size,
                hidden_size=config.text_width,
                num_hidden_layers=config.text_layers,
                num_attention_heads=max(1, config.text_width // 32),
                intermediate_size=2 * config.text_width,
                max_position_embeddings=config.max_tokens,
                pad_token_id=PAD_ID,
                bos_token_id=None,
                eos_token_id=None,
            ),
            add_pooling_layer=False,
        )

    def states(self, ids: torch.Tensor) -> torch.Tensor:
        """[U, L] token ids -> [U, L, text_width] last states (for masked-word pretraining)."""
        return self.bert(input_ids=ids, attention_mask=(ids != PAD_ID).long()).last_hidden_state

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.read(self.embed(ids), ids != PAD_ID)

    def embed(self, ids: torch.Tensor) -> torch.Tensor:
        """[U, L] token ids -> [U, L, text_width]: explanations of single words start here."""
        embedded: torch.Tensor = self.bert.embeddings.word_embeddings(ids)
        return embedded

    def read(self, embedded: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Token embeddings [U, L, text_width], mask [U, L] True = a token -> [U, 2 * text_width]."""
        real = mask.float()[..., None]  # [U, L, 1]
        count = real.sum(dim=1).clamp_min(1.0)
        words = (embedded * real).sum(dim=1) / count
        states = self.bert(inputs_embeds=embedded, attention_mask=mask.long()).last_hidden_state
        meaning = (states * real).sum(dim=1) / count
        return torch.cat([_unit_scale(words), _unit_scale(meaning)], dim=-1)

    @torch.no_grad()
    def encode(self, tokenizer: Tokenizer, texts: Sequence[str]) -> torch.Tensor:
        """Vectors of texts without gradients, by batches of similar length: [U, vector_size]."""
        vectors = torch.zeros(len(texts), self.vector_size)
        order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        for begin in range(0, len(order), _ENCODE_BATCH):
            rows = order[begin : begin + _ENCODE_BATCH]
            vectors[rows] = self(token_ids(tokenizer, [texts[row] for row in rows], self.max_tokens))
        return vectors


def _unit_scale(vectors: torch.Tensor) -> torch.Tensor:
    """Both halves weigh the same, however small the trained embeddings are."""
    return nn.functional.layer_norm(vectors, vectors.shape[-1:])
