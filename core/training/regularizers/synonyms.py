"""Other words for a search: queries that led to the same item (co-clicks, Craswell and Szummer 2007)."""

from collections import defaultdict
from dataclasses import replace

import numpy as np
import torch

from core.events.schema import EVENT_TYPES, EventType
from core.model.batch import EventBatch
from core.model.featurizer import EventTable
from core.model.fields import CODE_INDEX, FIRST_ID

_MOST = 8
_SEARCH = FIRST_ID + EVENT_TYPES.index(EventType.SEARCH)


class Synonyms:
    """For each text of an event, up to eight others that led to the same item."""

    def __init__(self, table: EventTable) -> None:
        groups: dict[int, set[int]] = defaultdict(set)
        for query, item in _followed(table):
            groups[item].add(query)
        others: dict[int, set[int]] = defaultdict(set)
        for queries in groups.values():
            for query in queries:
                others[query] |= queries - {query}
        self._choices = np.zeros((len(table.texts), _MOST), dtype=np.int64)
        for query, found in others.items():
            if found:
                self._choices[query] = np.resize(sorted(found)[:_MOST], _MOST)

    def of(self, text: int) -> set[int]:
        """Rows of `texts` that mean about the same as a row."""
        return {int(choice) for choice in self._choices[text]} - {0}

    def replace(self, batch: EventBatch, events: torch.Tensor, generator: torch.Generator) -> EventBatch:
        """The batch with other words at some events ([B, T] bool), where there are any."""
        pick = torch.randint(_MOST, batch.shape, generator=generator)
        other = torch.from_numpy(self._choices)[batch.own_text, pick]
        return replace(batch, own_text=torch.where(events & (other > 0), other, batch.own_text))


def _followed(table: EventTable) -> set[tuple[int, int]]:
    """Texts of searches with the title of the item that the session's next event is about."""
    codes = table.codes
    goes_on = codes[1:, CODE_INDEX["session_start"]] == FIRST_ID
    search = codes[:-1, CODE_INDEX["event_type"]] == _SEARCH
    query, title = table.own_text[:-1], table.title[1:]
    found = goes_on & search & (query > 0) & (title > 0)
    return set(zip(query[found].tolist(), title[found].tolist(), strict=True))
