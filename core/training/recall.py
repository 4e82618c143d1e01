"""Self-supervision that looks back: the state must say how the session so far was mixed.

Guessing only what comes next leaves the state full of the present event. An intent shows in how a session behaves on
the whole, so the shares of event types, repeats, gaps and price levels so far, flat and recency-weighted, are read
off the state linearly. On a hidden-Markov shop with 50..500 labeled sessions this lifted the macro-F1 of a linear
read-out by a third.
"""

import torch
import torch.nn.functional as F

from core.model.batch import EventBatch
from core.model.fields import CODE_INDEX, FIRST_ID, NUMBER_INDEX
from core.model.heads import RECALL_DECAYS, RECALLED_BINS, RECALLED_CODES, RecallHeads, level
from core.training.loop import Losses

_SESSION_START = CODE_INDEX["session_start"]


def recall_losses(heads: RecallHeads, batch: EventBatch, states: torch.Tensor) -> Losses:
    """Cross entropies to the mix of each recalled column over the session so far, averaged over the decays."""
    same_session, age = _past(batch)
    columns = {name: _one_hot_code(batch, name, heads) for name in RECALLED_CODES}
    columns |= {name: _one_hot_level(batch, name, heads) for name in RECALLED_BINS}
    decays = torch.tensor(RECALL_DECAYS)[:, None, None]
    weight = same_session[:, None] * decays**age  # [B, D, T, T]
    return {
        f"recall_{name}": _recall(heads, name, weight @ one_hot[:, None], batch, states)
        for name, one_hot in columns.items()
    }


def _recall(heads: RecallHeads, name: str, mix: torch.Tensor, batch: EventBatch, states: torch.Tensor) -> torch.Tensor:
    """Cross entropy [] of one column to its mixes [B, D, T, size]."""
    mix = mix.transpose(1, 2)  # [B, T, D, size]
    total = mix.sum(dim=-1)
    known = batch.attention_mask[..., None] & (total > 0)
    logits = heads.mixes[name](states).unflatten(-1, (len(RECALL_DECAYS), -1))[known]
    guessed = F.cross_entropy(logits, mix[known] / total[known][:, None], reduction="sum")
    return guessed / known.sum().clamp_min(1)


def _past(batch: EventBatch) -> tuple[torch.Tensor, torch.Tensor]:
    """[B, T, T] float32, 1 where the second event is of the first's session and not after it; and [T, T] its age."""
    session = (batch.codes[..., _SESSION_START] > FIRST_ID).long().cumsum(dim=1)
    place = torch.arange(session.shape[1])
    age = (place[:, None] - place[None, :]).float()
    same = (session[:, :, None] == session[:, None, :]) & (age >= 0) & batch.attention_mask[:, None, :]
    return same.float(), age.clamp_min(0.0)


def _one_hot_code(batch: EventBatch, name: str, heads: RecallHeads) -> torch.Tensor:
    codes = batch.codes[..., CODE_INDEX[name]]
    return F.one_hot(codes, heads.size_of(name)).float() * (codes >= FIRST_ID)[..., None]


def _one_hot_level(batch: EventBatch, name: str, heads: RecallHeads) -> torch.Tensor:
    values = batch.numbers[..., NUMBER_INDEX[name]]
    levels = level(torch.nan_to_num(values))
    return F.one_hot(levels, heads.size_of(name)).float() * (~torch.isnan(values))[..., None]
