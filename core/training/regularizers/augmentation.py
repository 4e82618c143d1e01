"""Event augmentation: streams that begin later, lack events, come in another order, or search in other words.

After Zhou et al. (2020, S3-Rec) and Xie et al. (2022, CL4SRec), which crop, mask and reorder shopping sequences.
When to use it: few labels and short sessions. When not: order and single events decide, as in buying.
"""

from dataclasses import replace

import numpy as np
import torch

from core.model.batch import EventBatch
from core.model.fields import CODE_INDEX, FIRST_ID, MISSING_ID, PAD_ID
from core.model.session_model import SessionModel
from core.model.window import Windows
from core.training.prepared import PreparedEvents
from core.training.regularizers.regularizer import Regularizer
from core.training.regularizers.synonyms import Synonyms

_EVENT_SHARE = 0.1


class Augmentation(Regularizer):
    """Strength: share of the windows that each of the four changes touches."""

    def begin(self, model: SessionModel, prepared: PreparedEvents) -> None:
        self._synonyms = Synonyms(prepared.table)

    def crop(self, windows: Windows, first: np.ndarray, random: np.random.Generator) -> Windows:
        touched = random.random(len(windows)) < self.strength
        cut = np.where(touched, random.integers(0, first + 1), 0)
        scored_from = np.maximum(windows.scored_from - cut, 0)
        return Windows(windows.start + cut, windows.length - cut, scored_from)

    def change(self, batch: EventBatch, labeled: torch.Tensor, generator: torch.Generator) -> EventBatch:
        batch = reorder(batch, ~labeled & self._some(batch, generator), generator)
        batch = self._synonyms.replace(batch, self._some(batch, generator), generator)
        return hide(batch, self._some(batch, generator) & ~labeled)

    def _some(self, batch: EventBatch, generator: torch.Generator) -> torch.Tensor:
        """[B, T] bool: a tenth of the events of the touched windows."""
        touched = torch.rand(batch.shape[0], 1, generator=generator) < self.strength
        return touched & (torch.rand(batch.shape, generator=generator) < _EVENT_SHARE) & batch.attention_mask


def hide(batch: EventBatch, events: torch.Tensor) -> EventBatch:
    """The batch with all fields of some events ([B, T] bool) missing."""
    every = events[..., None]
    return replace(
        batch,
        codes=torch.where(every & (batch.codes != PAD_ID), MISSING_ID, batch.codes),
        numbers=batch.numbers.masked_fill(every, torch.nan),
        own_text=batch.own_text.masked_fill(events, 0),
        title=batch.title.masked_fill(events, 0),
        image=batch.image.masked_fill(events, 0),
    )


def reorder(batch: EventBatch, free: torch.Tensor, generator: torch.Generator) -> EventBatch:
    """Free events ([B, T] bool) change places with the session's next event, where that one is free to move too."""
    starts = batch.codes[..., CODE_INDEX["session_start"]] > FIRST_ID
    parity = int(torch.randint(2, (1,), generator=generator))
    place = torch.arange(batch.shape[1])
    swap = free & (place % 2 == parity) & ~starts
    swap[:, :-1] &= batch.attention_mask[:, 1:] & ~starts[:, 1:]
    swap[:, -1:] = False
    order = place.expand(batch.shape).clone()
    order[swap] += 1
    after = torch.roll(swap, 1, dims=1)
    order[after] -= 1
    return replace(
        batch,
        codes=batch.codes.gather(1, order[..., None].expand_as(batch.codes)),
        numbers=batch.numbers.gather(1, order[..., None].expand_as(batch.numbers)),
        own_text=batch.own_text.gather(1, order),
        title=batch.title.gather(1, order),
        image=batch.image.gather(1, order),
    )
