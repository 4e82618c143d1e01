"""The intent of a shopper now: the champion read over the visitor's stored events."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

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
        """The intent at the visitor's newest event; of a user without events, that of the visitor he was last.

        Raises:
            NotFoundError: the visitor has no event.
            NoModelError: no model can serve.
        """
        events = self._context(visitor_id)
        if events.empty:
            others = [self._context(other) for other in person_visitors(self._warehouse, visitor_id)]
            events = max(others, key=lambda of_other: of_other["occurred_at"].max() if len(of_other) else NEVER)
        if events.empty:
            raise NotFoundError(f"There is no event of visitor '{visitor_id}'; send some to /v1/track first.")
        return self.intent_of_events(events)

    def _context(self, visitor_id: str) -> pd.DataFrame:
        settle_sessions(self._warehouse, [visitor_id])
        return visitor_context(self._warehouse, visitor_id, None, limit=CONTEXT_EVENTS)

    def intent_of_session(self, session_id: str) -> VisitorIntent:
        """The intent at the session's last event, with the visitor's past before it.

        Raises:
            NotFoundError: there is no such session.
            NoModelError: no model can serve.
        """
        settle_sessions(self._warehouse)
        events = session_events(self._warehouse, session_id)
        if events.empty:
            raise NotFoundError(f"There is no session '{session_id}'; the Sessions page lists those there are.")
        last = events.iloc[-1]
        return self.intent_of_events(
            visitor_context(self._warehouse, last["visitor_id"], last["event_id"], limit=CONTEXT_EVENTS)
        )

    def intent_of_events(self, events: pd.DataFrame) -> VisitorIntent:
        """The intent at the last of one visitor's events.

        Args:
            events: EVENT_COLUMNS of one visitor, at least one row, sorted by occurred_at and event_id.
        """
        scorer = self._scorer()
        known_items = read_items(self._warehouse, events["item_id"].dropna().unique().tolist())
        scores = scorer.score(events[list(EVENT_COLUMNS)], known_items, self._media)[-1:]
        intents, counted = pooled(scores, scorer.intents, merges(self._warehouse))
        ranked = sorted(zip(intents, counted[0].tolist(), strict=True), key=lambda pair: (-pair[1], pair[0]))
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
