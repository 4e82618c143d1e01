"""Hiding fields of events: hidden ones read as missing, which trains the missing values and hinders rote learning."""

from dataclasses import replace

import torch

from core.model.batch import EventBatch
from core.model.fields import CODE_COLUMNS, FIELDS, MISSING_ID, NUMBER_COLUMNS, PAD_ID

_CODE_FIELDS = torch.tensor([FIELDS.index(column.field) for column in CODE_COLUMNS])
_NUMBER_FIELDS = torch.tensor([FIELDS.index(column.field) for column in NUMBER_COLUMNS])


def mask_fields(batch: EventBatch, rate: float, generator: torch.Generator) -> tuple[EventBatch, torch.Tensor]:
    """Hide each field of each event with probability `rate`.

    Returns:
        The batch with hidden fields missing, and what was hidden: [B, T, F] bool.
    """
    hidden = torch.rand((*batch.shape, len(FIELDS)), generator=generator) < rate
    hidden &= batch.attention_mask[..., None]
    text, image = hidden[..., FIELDS.index("text")], hidden[..., FIELDS.index("image")]
    masked = replace(
        batch,
        codes=torch.where(hidden[..., _CODE_FIELDS] & (batch.codes != PAD_ID), MISSING_ID, batch.codes),
        numbers=batch.numbers.masked_fill(hidden[..., _NUMBER_FIELDS], torch.nan),
        own_text=batch.own_text.masked_fill(text, 0),
        title=batch.title.masked_fill(text, 0),
        image=batch.image.masked_fill(image, 0),
    )
    return masked, hidden
