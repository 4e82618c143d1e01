"""What is read off the backbone's state at every event: the intent, and the self-supervised guesses of what is next."""

import torch
from torch import nn

from core.model.config import SessionModelConfig
from core.model.fields import CODE_COLUMNS, CODE_INDEX

NEXT_CODES: tuple[str, ...] = ("event_type", "category", "brand", "item_repeat", "same_as_previous", "session_start")
"""Columns of the next event guessed by a softmax over their codes."""

NEXT_BINS: tuple[str, ...] = ("price", "relative_price", "gap")
"""Numbers of the next event guessed as one of LEVELS levels."""

LEVELS = 12
"""Levels of a standardised number, equal steps over -LEVEL_SPAN..LEVEL_SPAN."""

LEVEL_SPAN = 2.5

HORIZON = 5
"""Coming events whose types are guessed together, as a mix: what the visitor is up to outlasts one event."""


RECALLED_CODES: tuple[str, ...] = ("event_type", "item_repeat", "same_as_previous")
RECALLED_BINS: tuple[str, ...] = ("gap", "relative_price")
"""Columns whose mix over the session so far is read off the state: what makes a session's behaviour."""

RECALL_DECAYS: tuple[float, ...] = (1.0, 0.9, 0.6)
"""Weight of an event in the mix for each event that came after it: the whole session, and its recent parts."""


def level(value: torch.Tensor) -> torch.Tensor:
    """Standardised numbers to levels 0..LEVELS - 1, of any shape."""
    share = (value + LEVEL_SPAN) / (2 * LEVEL_SPAN)
    return (share * LEVELS).long().clamp(0, LEVELS - 1)


class IntentHead(nn.Module):
    """[B, T, d] -> logits [B, T, K]."""

    def __init__(self, config: SessionModelConfig, intents: int) -> None:
        super().__init__()
        self.dropout = nn.Dropout(config.dropout)
        self.output = nn.Linear(config.hidden_size, intents)

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        return self.output(self.dropout(states))


class NextEventHeads(nn.Module):
    """Layers on states [..., d]: logits of the next event's columns; query and key vectors of its words and item."""

    def __init__(self, config: SessionModelConfig) -> None:
        super().__init__()
        width = config.hidden_size
        self.codes = nn.ModuleDict({name: nn.Linear(width, CODE_COLUMNS[CODE_INDEX[name]].size) for name in NEXT_CODES})
        self.bins = nn.ModuleDict({name: nn.Linear(width, LEVELS) for name in NEXT_BINS})
        self.coming_types = nn.Linear(width, CODE_COLUMNS[CODE_INDEX["event_type"]].size)
        self.masked_type = nn.Linear(width, CODE_COLUMNS[CODE_INDEX["event_type"]].size)
        self.next_text = nn.Linear(width, config.hidden_size)
        self.text_key = nn.Linear(config.text_vector_size, config.hidden_size)
        self.next_item = nn.Linear(width, config.hidden_size)
        self.item_key = nn.Linear(width, config.hidden_size)


class RecallHeads(nn.Module):
    """Layers on states [..., d]: logits of the session's mix so far, one a column for all decays."""

    def __init__(self, config: SessionModelConfig) -> None:
        super().__init__()
        self.mixes = nn.ModuleDict(
            {
                name: nn.Linear(config.hidden_size, self.size_of(name) * len(RECALL_DECAYS))
                for name in (*RECALLED_CODES, *RECALLED_BINS)
            }
        )

    @staticmethod
    def size_of(name: str) -> int:
        """Codes or levels of a recalled column."""
        return CODE_COLUMNS[CODE_INDEX[name]].size if name in RECALLED_CODES else LEVELS
