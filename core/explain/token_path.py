"""A text as a function of its token embeddings: tokens → vector, by the model's own or a foreign text encoder."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from core.model.fields import PAD_ID, UNKNOWN_ID
from core.model.text_encoder import MASK_ID, token_ids

if TYPE_CHECKING:
    from core.model.foreign_encoder import ForeignTextEncoder
    from core.model.scorer import SessionScorer

Span = tuple[int, int]
BASELINES: tuple[str, ...] = ("mask", "mean", "unknown", "pad")
"""What can hide a word: the mask token, the mean of all tokens' embeddings, the unknown and the padding token."""

_MOST_AVERAGED = 50_000


@dataclass(frozen=True)
class TokenPath:
    """One text of L tokens.

    embeddings: [L, w] float32.
    hidden: by the name of what stands in for every word piece (BASELINES), [L, w] each; tokens that the tokenizer
        added stay.
    spans: [L] where each token lies in the text; (0, 0) of what the tokenizer added.
    vectors: [B, L, w] token embeddings -> [B, text_vector_size].
    """

    embeddings: Tensor
    hidden: dict[str, Tensor]
    spans: tuple[Span, ...]
    vectors: Callable[[Tensor], Tensor]


def token_path(scorer: "SessionScorer", text: str) -> TokenPath:
    """The path of a text through the encoder that the model reads by."""
    foreign = scorer.foreign.text
    return _own_path(scorer, text) if foreign is None else _foreign_path(foreign, text)


def _own_path(scorer: "SessionScorer", text: str) -> TokenPath:
    encoder = scorer.model.text_encoder
    if encoder is None:
        raise ValueError("the model reads by a foreign text encoder, expected it in scorer.foreign.")
    ids = token_ids(scorer.tokenizer, [text], encoder.max_tokens)  # [1, L]
    offsets = scorer.tokenizer.encode(text, add_special_tokens=False).offsets[: encoder.max_tokens]
    real = ids != PAD_ID
    with torch.no_grad():
        embedded = encoder.embed(ids)[0]
    table = encoder.bert.embeddings.word_embeddings
    return TokenPath(
        embeddings=embedded,
        hidden=_hidden(table, embedded, real[0], {"mask": MASK_ID, "unknown": UNKNOWN_ID}),
        spans=tuple(offsets) or ((0, 0),),
        vectors=lambda embeddings: encoder.read(embeddings, real.expand(len(embeddings), -1)),
    )


def _foreign_path(encoder: "ForeignTextEncoder", text: str) -> TokenPath:
    tokens = encoder.tokenizer(
        text,
        truncation=True,
        max_length=encoder.most_tokens,
        return_tensors="pt",
        return_offsets_mapping=True,
        return_special_tokens_mask=True,
    )
    ids, added = tokens["input_ids"], tokens["special_tokens_mask"][0].bool()
    offsets = tokens["offset_mapping"][0].masked_fill(added[:, None], 0).tolist()
    spans = tuple((begin, end) for begin, end in offsets)
    table = encoder.model.get_input_embeddings()
    with torch.no_grad():
        embedded = table(ids)[0]
    mask = tokens["attention_mask"]

    def vectors(embeddings: Tensor) -> Tensor:
        rows = len(embeddings)
        with _embedding_replaced(table, embeddings):
            output = encoder.model(input_ids=ids.expand(rows, -1), attention_mask=mask.expand(rows, -1))
        return encoder.pool(mask.expand(rows, -1), output.last_hidden_state)

    special = encoder.tokenizer
    known = {"mask": special.mask_token_id, "unknown": special.unk_token_id, "pad": special.pad_token_id}
    return TokenPath(embedded, _hidden(table, embedded, ~added, known), spans, vectors)


def _hidden(table: Any, embedded: Tensor, words: Tensor, ids: dict[str, int | None]) -> dict[str, Tensor]:
    """[L, w] each: the words [L] bool of a text replaced by each token there is, and by the mean of the table."""
    with torch.no_grad():
        fills = {name: table(torch.tensor(token)) for name, token in ids.items() if token is not None}
        fills["mean"] = table(torch.arange(min(table.num_embeddings, _MOST_AVERAGED))).mean(dim=0)
    return {name: torch.where(words[:, None], fills[name], embedded) for name in BASELINES if name in fills}


@contextmanager
def _embedding_replaced(table: Any, embeddings: Tensor) -> Iterator[None]:
    """The encoder's embedding layer answers with these, for this thread alone: others may be reading by it too.

    As Captum's Layer Integrated Gradients does; positions and whatever else derives from the ids stay right.
    """
    here = threading.get_ident()

    def replace(_module: Any, _inputs: Any, output: Tensor) -> Tensor:
        return embeddings if threading.get_ident() == here else output

    handle = table.register_forward_hook(replace)
    try:
        yield
    finally:
        handle.remove()
