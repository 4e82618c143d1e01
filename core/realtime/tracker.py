"""Questions for an intent: of a visitor, of a session, of events that are given."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.errors import NoModelError, NotFoundError
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
        """The intent at the visitor's newest event. Raises as `events_of_visitor`, and NoModelError."""
        remembered = self._remembered(visitor_id)
        if remembered is not None:
            return remembered
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
        rows = ranked(scores, scorer.intents, merges(self._warehouse))
        return [_intent_of_visitor(stream, scorer, intents) for stream, intents in zip(streams, rows, strict=True)]

    def items_of(self, events: pd.DataFrame) -> pd.DataFrame:
        """The items that the events name."""
        return read_items(self._warehouse, events["item_id"].dropna().unique().tolist())

    def _remembered(self, visitor_id: str) -> VisitorIntent | None:
        if self._present is None:
            return None
        try:
            self._scorer()
            return self._present(visitor_id)
        except NoModelError:  # told after it is known that there is such a visitor
            return None

    def _context(self, visitor_id: str) -> pd.DataFrame:
        settle_sessions(self._warehouse, [visitor_id])
        return visitor_context(self._warehouse, visitor_id, None, limit=CONTEXT_EVENTS)


def _as_visitors_of_their_own(streams: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """All streams below each other; the model tells them apart by their visitors, which it does not read otherwise."""
    if len(streams) == 1:
        return streams[0][list(EVENT_COLUMNS)]
    named = [stream[list(EVENT_COLUMNS)].assign(visitor_id=f"{place:06}") for place, stream in enumerate(streams)]
    return pd.concat(named, ignore_index=True)


def _intent_of_visitor(
    events: pd.DataFrame, scorer: "SessionScorer", intents: tuple[tuple[str, float], ...]
) -> VisitorIntent:
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
