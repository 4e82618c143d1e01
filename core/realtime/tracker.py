"""Questions for an intent: of a visitor, of a session, of events that are given."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from core.errors import NotFoundError
from core.events.schema import EVENT_COLUMNS
from core.realtime.visitor_intent import VisitorIntent, ranked
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


class IntentTracker:
    """Answers of a visitor from memory where one is given, else from the warehouse."""

    def __init__(
        self,
        warehouse: Warehouse,
        scorer: "Callable[[], SessionScorer]",
        *,
        media: Path | None,
        present: Callable[[str], VisitorIntent | None] | None = None,
    ) -> None:
        """Args:
        scorer: gives the serving model, or raises NoModelError.
        media: the folder of product pictures.
        present: a visitor's intent by `LiveTracker.intent_of`; None of one without events.
        """
        self._warehouse = warehouse
        self._scorer = scorer
        self._media = media
        self._present = present

    def intent_of_visitor(self, visitor_id: str) -> VisitorIntent:
        """The intent at the visitor's newest event; of a user without events, that of the visitor he was last.

        Raises:
            NotFoundError: the visitor has no event.
            NoModelError: no model can serve.
        """
        if self._present is not None:
            self._scorer()
            if (intent := self._present(visitor_id)) is not None:
                return intent
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
        (intents,) = ranked(scores, scorer.intents, merges(self._warehouse))
        last = events.iloc[-1]
        return VisitorIntent(
            visitor_id=last["visitor_id"],
            session_id=last["session_id"] if isinstance(last["session_id"], str) else None,
            model_version=scorer.model_id,
            as_of=last["occurred_at"].to_pydatetime(),
            intents=intents,
            events_used=len(events),
            abstained=intents[0][1] < scorer.abstain_below,
        )
