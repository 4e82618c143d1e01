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
"""Levels of a standardised number, equal steps over -2.5..2.5."""

HORIZON = 5
"""Coming events whose types are guessed together, as a mix: what the visitor is up to outlasts one event."""


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
