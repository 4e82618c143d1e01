"""Follows every shopper: after each commit of events, the intent of their visitors at those events."""

import logging
import queue
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import pyarrow as pa

from core.errors import IntentLensError
from core.realtime.intent_update import IntentUpdate
from core.realtime.tracker import IntentTracker
from core.realtime.updates import Updates

if TYPE_CHECKING:
    from core.model.scorer import SessionScorer

MOST_WAITING = 1_000
"""Commits that may wait to be followed; older ones are left out then, and the next event of a visitor makes up."""

_log = logging.getLogger(__name__)


class LiveTracker:
    """Works in a thread of its own, so that no event waits for a model to be stored."""

    def __init__(self, tracker: IntentTracker, updates: Updates, serving: "Callable[[], SessionScorer | None]") -> None:
        """Args: serving: the champion's scorer, None while there is none."""
        self._tracker = tracker
        self._updates = updates
        self._serving = serving
        self._last: dict[str, str] = {}
        self._queue: queue.Queue[pa.Table | None] = queue.Queue(MOST_WAITING)
        self._thread = threading.Thread(target=self._run, name="live-tracker", daemon=True)

    def start(self) -> None:
        """Begin in the background."""
        self._thread.start()

    def close(self) -> None:
        """Leave what waits and end."""
        while not self._queue.empty():
            self._queue.get_nowait()
        self._queue.put(None)
        if self._thread.is_alive():
            self._thread.join()

    def on_stored(self, events: pa.Table) -> None:
        """Events (EVENT_SCHEMA) were committed; costs nothing here."""
        if self._queue.full():
            self._queue.get_nowait()
        self._queue.put_nowait(events)

    def _run(self) -> None:
        while (events := self._queue.get()) is not None:
            try:
                self._follow(events)
            except IntentLensError as error:
                _log.warning("%d events were not followed: %s", len(events), error)

    def _follow(self, events: pa.Table) -> None:
        if self._serving() is None:
            return
        newest = {event["visitor_id"]: event for event in events.to_pylist()}
        updates = []
        for visitor_id, event in newest.items():
            found = self._tracker.intent_of_visitor(visitor_id)
            update = IntentUpdate(
                visitor_id=visitor_id,
                session_id=found.session_id,
                event_id=event["event_id"],
                event_type=event["event_type"],
                occurred_at=event["occurred_at"],
                model_version=found.model_version,
                intents=found.intents,
                previous=self._last.get(visitor_id),
                abstained=found.abstained,
            )
            self._last[visitor_id] = update.intent
            updates.append(update)
        self._updates.publish(updates)
