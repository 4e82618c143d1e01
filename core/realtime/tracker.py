"""The intent of a shopper now: the champion read over the visitor's stored events."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.errors import NotFoundError
from core.events.schema import EVENT_COLUMNS
from core.intents.resolution import pooled
from core.store.event_queries import session_events, visitor_context
from core.store.item_queries import items as read_items
from core.store.person_queries import person_visitors
from core.store.session_queue import settle_sessions
from core.store.taxonomy_queries import merges
from core.store.warehouse import Warehouse

if TYPE_CHECKING:
    from core.model.scorer import SessionScorer

CONTEXT_EVENTS = 1024
"""Newest events of a visitor that are read; the answer equals batch scoring for every visitor with no more."""

NEVER = pd.Timestamp.min


@dataclass(frozen=True)
class VisitorIntent:
    """What a visitor was about at their last event; `intents` has the likeliest first, scores sum to 1, merged intents
    are one.

    abstained: the likeliest stays below the model's `abstain_below`, so it had better not be acted on.
    """

    visitor_id: str
    session_id: str | None
    model_version: str
    as_of: datetime
    intents: tuple[tuple[str, float], ...]
    events_used: int
    abstained: bool = False


class IntentTracker:
    """Answers from the warehouse, so that it is right after late events, restarts and promotions alike."""

    def __init__(self, warehouse: Warehouse, scorer: "Callable[[], SessionScorer]", *, media: Path | None) -> None:
        """Args: scorer: gives the serving model, or raises NoModelError; media: the folder of product pictures."""
        self._warehouse = warehouse
        self._scorer = scorer
        self._media = media

    def intent_of_visitor(self, visitor_id: str) -> VisitorIntent:
        """The intent at the visitor's newest event. Raises as `events_of_visitor`, and NoModelError."""
        return self.intent_of_events(self.events_of_visitor(visitor_id))

    def intent_of_session(self, session_id: str) -> VisitorIntent:
        """The intent at the session's last event. Raises as `events_of_session`, and NoModelError."""
        return self.intent_of_events(self.events_of_session(session_id))

    def intent_of_events(self, events: pd.DataFrame) -> VisitorIntent:
        """The intent at the last of one visitor's events. Arguments and errors as of `intents_of_streams`."""
        return self.intents_of_streams([events])[0]

    def events_of_visitor(self, visitor_id: str) -> pd.DataFrame:
        """The visitor's newest events in order; of a user without events, those of the visitor he was last.

        Raises:
            NotFoundError: the visitor has no event.
        """
        events = self._context(visitor_id)
        if events.empty:
            others = [self._context(other) for other in person_visitors(self._warehouse, visitor_id)]
            events = max(others, key=lambda of_other: of_other["occurred_at"].max() if len(of_other) else NEVER)
        if events.empty:
            raise NotFoundError(f"There is no event of visitor '{visitor_id}'; send some to /v1/track first.")
        return events

    def events_of_session(self, session_id: str) -> pd.DataFrame:
        """The session's events in order, the visitor's past before them.

        Raises:
            NotFoundError: there is no such session.
        """
        settle_sessions(self._warehouse)
        events = session_events(self._warehouse, session_id)
        if events.empty:
            raise NotFoundError(f"There is no session '{session_id}'; the Sessions page lists those there are.")
        last = events.iloc[-1]
        return visitor_context(self._warehouse, last["visitor_id"], last["event_id"], limit=CONTEXT_EVENTS)

    def intents_of_streams(self, streams: Sequence[pd.DataFrame]) -> list[VisitorIntent]:
        """The intents at the last event of each stream; streams of like length share a forward pass.

        Args:
            streams: each EVENT_COLUMNS of one visitor, at least one row, sorted by occurred_at and event_id. Several
                may be of the same visitor.

        Raises:
            NoModelError: no model can serve.
        """
        scorer = self._scorer()
        together = _as_visitors_of_their_own(streams)
        known_items = self.items_of(together)
        ends = np.cumsum([len(stream) for stream in streams]) - 1
        scores = scorer.score(together, known_items, self._media)[ends]
        intents, counted = pooled(scores, scorer.intents, merges(self._warehouse))
        return [
            _intent_of_visitor(stream, scorer, dict(zip(intents, row.tolist(), strict=True)))
            for stream, row in zip(streams, counted, strict=True)
        ]

    def items_of(self, events: pd.DataFrame) -> pd.DataFrame:
        """The items that the events name."""
        return read_items(self._warehouse, events["item_id"].dropna().unique().tolist())

    def _context(self, visitor_id: str) -> pd.DataFrame:
        settle_sessions(self._warehouse, [visitor_id])
        return visitor_context(self._warehouse, visitor_id, None, limit=CONTEXT_EVENTS)


def _as_visitors_of_their_own(streams: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """All streams below each other; the model tells them apart by their visitors, which it does not read otherwise."""
    if len(streams) == 1:
        return streams[0][list(EVENT_COLUMNS)]
    named = [stream[list(EVENT_COLUMNS)].assign(visitor_id=f"{place:06}") for place, stream in enumerate(streams)]
    return pd.concat(named, ignore_index=True)


def _intent_of_visitor(events: pd.DataFrame, scorer: "SessionScorer", scores: dict[str, float]) -> VisitorIntent:
    ranked = sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
    last = events.iloc[-1]
    return VisitorIntent(
        visitor_id=last["visitor_id"],
        session_id=last["session_id"] if isinstance(last["session_id"], str) else None,
        model_version=scorer.model_id,
        as_of=last["occurred_at"].to_pydatetime(),
        intents=tuple(ranked),
        events_used=len(events),
        abstained=ranked[0][1] < scorer.abstain_below,
    )
