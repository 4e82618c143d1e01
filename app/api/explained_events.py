"""What is explained: a model, the events and items it reads, and which of its intents a name of today means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from app.context import AppContext
from core.events.schema import EVENT_COLUMNS
from core.intents.resolution import meanings
from core.realtime.visitor_intent import ranked
from core.store.taxonomy_queries import merges

if TYPE_CHECKING:
    from core.model.scorer import SessionScorer


@dataclass(frozen=True)
class ExplainedEvents:
    """`events` are one visitor's, up to the explained one; now: what each of the model's intents counts as today, by
    what was `merged`."""

    scorer: "SessionScorer"
    events: pd.DataFrame
    items: pd.DataFrame
    media: Path
    now: Sequence[str]
    merged: Mapping[str, str]

    @property
    def inputs(self) -> tuple["SessionScorer", pd.DataFrame, pd.DataFrame, Path]:
        """The arguments that every explanation begins with."""
        return self.scorer, self.events, self.items, self.media

    def likeliest(self) -> str:
        """The intent of today that this model thinks the likeliest at the last event."""
        return ranked(self.scorer.score(*self.inputs[1:])[-1:], self.scorer.intents, self.merged)[0][0][0]

    def own_intent(self, intent: str) -> str:
        """The model's own intent that counts as this one today, of several the one that counts most at the last event;
        a name that none counts as comes back, for the explanation to take or to refuse."""
        candidates = [own for own, means in zip(self.scorer.intents, self.now, strict=True) if means == intent]
        if len(candidates) < 2:
            return candidates[0] if candidates else intent
        scores = dict(zip(self.scorer.intents, self.scorer.score(*self.inputs[1:])[-1].tolist(), strict=True))
        return max(candidates, key=lambda own: scores[own])


def explained_events(app_context: AppContext, events: pd.DataFrame, scorer: "SessionScorer") -> ExplainedEvents:
    """Read what the events name."""
    items, merged = app_context.tracker.items_of(events), merges(app_context.warehouse)
    now = meanings(scorer.intents, merged)
    return ExplainedEvents(scorer, events[list(EVENT_COLUMNS)], items, app_context.settings.media_folder, now, merged)
