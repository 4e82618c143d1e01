"""What is asked of the model: the probability of an intent at the last event, or its lead over another intent."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import torch
from torch import Tensor

from core.errors import UnknownIntentError
from core.explain.prediction import Prediction
from core.model.fields import FIELDS

if TYPE_CHECKING:
    from core.model.scorer import SessionScorer

_ROWS = 16
"""Variants run through the model together."""


@dataclass(frozen=True)
class Question:
    """The model's answer at the last event of one stream, as a function of the field embeddings.

    field_embeddings: [1, T, F, d] float32 of the events that the model sees there; attention_mask: [1, T] bool.
    target, against: places among the model's intents; against is None where one intent alone is asked about.
    """

    scorer: "SessionScorer"
    field_embeddings: Tensor
    attention_mask: Tensor
    target: int
    against: int | None = None

    def value(self, field_embeddings: Tensor, attention_mask: Tensor | None = None) -> Tensor:
        """[B, T, F, d] -> [B]: p(target), or p(target) − p(against)."""
        model = self.scorer.model
        logits = model(field_embeddings=field_embeddings, attention_mask=attention_mask, only_last=True).intent_logits
        probabilities = self.scorer.probabilities(logits[:, -1])
        asked = probabilities[:, self.target]
        return asked if self.against is None else asked - probabilities[:, self.against]

    def value_with(self, place: int, field: str, embeddings: Tensor) -> Tensor:
        """[B]: the value when one field of the event at `place` is embedded as [B, d] instead."""
        inputs = self.field_embeddings.repeat(len(embeddings), 1, 1, 1)
        inputs[:, place, FIELDS.index(field)] = embeddings
        return self.value(inputs)

    def values_with(self, place: int, field: str, embeddings: Tensor) -> Tensor:
        """The same for many, without gradients, some at a time."""
        with torch.no_grad():
            return torch.cat([self.value_with(place, field, part) for part in torch.split(embeddings, _ROWS)])

    def prediction(self) -> Prediction:
        """The question as attribution methods and their checks want it, against the mean event."""
        baseline = self.scorer.mean_event_baseline().expand_as(self.field_embeddings)
        return Prediction(self.value, self.field_embeddings, baseline, self.attention_mask)


def ask(
    scorer: "SessionScorer",
    events: pd.DataFrame,
    items: pd.DataFrame,
    media: Path | None = None,
    *,
    intent: str,
    against: str | None = None,
) -> Question:
    """Ask about the last of one visitor's events, which are in order.

    Raises:
        UnknownIntentError: the model does not know an intent, or the two are the same.
    """
    batch = scorer.batch(events, items, media)
    with torch.no_grad():
        field_embeddings = scorer.model.encode_fields(batch)
    if intent == against:
        raise UnknownIntentError(f"'{intent}' is set against itself, expected two different intents.")
    return Question(
        scorer,
        field_embeddings,
        batch.attention_mask,
        place_of(scorer, intent),
        None if against is None else place_of(scorer, against),
    )


def place_of(scorer: "SessionScorer", intent: str) -> int:
    """The intent's place among the model's.

    Raises:
        UnknownIntentError: the model does not know it.
    """
    if intent not in scorer.intents:
        known = ", ".join(scorer.intents)
        raise UnknownIntentError(f"The model '{scorer.model_id}' does not know the intent '{intent}', only {known}.")
    return scorer.intents.index(intent)
