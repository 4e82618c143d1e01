"""Self-supervision at every event: the next event's columns, its words and item, and hidden event types."""

import torch
import torch.nn.functional as F

from core.model.batch import EventBatch
from core.model.fields import CODE_INDEX, FIELDS, FIRST_ID, NUMBER_INDEX
from core.model.heads import BEHAVIOR_BINS, BEHAVIOR_CODES, NextEventHeads, level
from core.training.loop import Losses

_ITEM_FIELDS = [FIELDS.index(name) for name in ("text", "image", "category", "brand")]
_EVENT_TYPE = CODE_INDEX["event_type"]

CONTENT_WEIGHT = 0.03
"""What is looked at next says little of why. At full weight the content losses fill the state with products: a linear
read-out of the intent from 50 labels fell from 0.57 to 0.44 of the Bayes limit on a hidden-Markov shop. Guessing the
next category, brand and price as well cost 0.002 even at this weight, so they are not guessed."""


def next_event_losses(
    heads: NextEventHeads, batch: EventBatch, fields: torch.Tensor, states: torch.Tensor, hidden: torch.Tensor
) -> Losses:
    """All losses about the next event, and about what was hidden of the present one.

    Args:
        batch: the events as they were, nothing hidden; the targets are read from it.
        fields: [B, T, F, d] field embeddings of what the model saw.
        states: [B, T, d] backbone states at every event.
        hidden: [B, T, F] bool, fields hidden from the model.
    """
    follows = batch.attention_mask[:, 1:]  # a padded event follows nothing: the mask of t + 1 implies that of t
    state = states[:, :-1][follows]  # [M, d]
    codes, numbers = batch.codes[:, 1:][follows], batch.numbers[:, 1:][follows]
    losses: Losses = {}
    for name in BEHAVIOR_CODES:
        losses[f"next_{name}"] = _of_codes(heads.columns[name](state), codes[:, CODE_INDEX[name]])
    for name in BEHAVIOR_BINS:
        losses[f"next_{name}"] = _of_levels(heads.columns[name](state), numbers[:, NUMBER_INDEX[name]])
    text = _next_text(heads, batch, state, batch.own_text[:, 1:][follows])
    item = _next_item(heads, fields[:, 1:][follows], state, batch.title[:, 1:][follows])
    losses |= {"next_text": CONTENT_WEIGHT * text, "next_item": CONTENT_WEIGHT * item}
    masked = hidden[..., FIELDS.index("event_type")]
    losses["masked_type"] = _of_codes(heads.masked_type(states[masked]), batch.codes[masked][:, _EVENT_TYPE])
    return losses


def _of_codes(logits: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
    known = codes >= FIRST_ID
    return _mean(F.cross_entropy(logits[known], codes[known], reduction="sum"), known)


def _of_levels(logits: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    known = ~torch.isnan(values)
    return _mean(F.cross_entropy(logits[known], level(values[known]), reduction="sum"), known)


def _mean(total: torch.Tensor, counted: torch.Tensor) -> torch.Tensor:
    """0, not NaN, where nothing was counted."""
    return total / counted.sum().clamp_min(1)


def _next_text(heads: NextEventHeads, batch: EventBatch, state: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
    """Contrast the next event's words with all words of the batch (van den Oord et al. 2018, InfoNCE)."""
    known = rows > 0
    distinct, target = torch.unique(rows[known], return_inverse=True)
    keys = heads.text_key(batch.text_vectors[distinct])
    logits = heads.next_text(state[known]) @ keys.T / keys.shape[-1] ** 0.5
    return _mean(F.cross_entropy(logits, target, reduction="sum"), known)


def _next_item(heads: NextEventHeads, fields: torch.Tensor, state: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
    """Contrast the next event's item (by its own fields) with the other items of the batch."""
    known = rows > 0
    distinct, target = torch.unique(rows[known], return_inverse=True)
    item = fields[known][:, _ITEM_FIELDS].sum(dim=1).detach()  # [M, d]
    first = torch.zeros_like(distinct).scatter_(0, target, torch.arange(len(target)))
    keys = heads.item_key(F.layer_norm(item[first], item.shape[-1:]))
    logits = heads.next_item(state[known]) @ keys.T / keys.shape[-1] ** 0.5
    return _mean(F.cross_entropy(logits, target, reduction="sum"), known)
