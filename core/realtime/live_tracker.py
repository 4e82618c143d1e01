"""Follows every shopper: after each commit of events, the intent of their visitors at those events."""

import logging
import queue
import threading
from collections.abc import Callable, Sequence, Set
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from core.errors import IntentLensError, NoModelError
from core.realtime.intent_update import IntentUpdate
from core.realtime.stream_tracker import Stored, StreamTracker
from core.realtime.updates import Updates
from core.realtime.visitor_intent import VisitorIntent
from core.store.warehouse import Ended, Warehouse

if TYPE_CHECKING:
    from core.model.scorer import SessionScorer

MOST_WAITING = 100_000
"""Events that may wait to be followed. Of more no update is made; their visitors are computed anew when they come."""

EVENTS_A_PASS = 512
"""Events after which no more of what waits is taken into a pass, so that questions do not wait for all of it."""

MOST_NOTED = 200_000
"""Changed visitors and items noted while nobody comes; of more, everything remembered is computed anew."""

ANSWER_WITHIN_S = 30.0

Intents = list[VisitorIntent] | IntentLensError
"""An intent of each visitor asked for who has events, or why there is none of any."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Question:
    visitor_ids: Sequence[str]
    answer: Callable[[Intents], None]


@dataclass(frozen=True)
class _Storing:
    """A commit under way, and whether it was made."""

    stored: Stored
    committed: "Future[bool]"


@dataclass
class _Notes:
    """What commits have changed otherwise than by the collector since it was last heeded."""

    visitors: set[str] = field(default_factory=set)
    items: set[str] = field(default_factory=set)
    taxonomy: bool = False
    too_many: bool = False

    def bound(self) -> None:
        """Of a large import it is noted that much has changed, and not what."""
        if len(self.visitors) + len(self.items) > MOST_NOTED:
            self.visitors, self.items, self.too_many = set(), set(), True


class LiveTracker:
    """Works in a thread of its own, so that no event waits for a model to be stored.

    Commits and questions are taken in the order they came, so that an answer counts every event acknowledged before.
    """

    def __init__(
        self,
        warehouse: Warehouse,
        updates: Updates,
        serving: "Callable[[], SessionScorer | None]",
        *,
        media: Path | None,
    ) -> None:
        """Args: serving: the champion's scorer, None while there is none; media: the folder of product pictures."""
        self._updates = updates
        self._serving = serving
        budget_bytes = warehouse.settings.tracker_memory_mb * 2**20
        self.streams = StreamTracker(warehouse, media=media, budget_bytes=budget_bytes)
        self._queue: queue.SimpleQueue[_Storing | _Question | None] = queue.SimpleQueue()
        self._held: _Storing | None = None
        self._lock = threading.Lock()
        self._waiting = 0
        self._notes = _Notes()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="live-tracker", daemon=True)
        warehouse.changes.listen("visitors", self._on_visitors)
        warehouse.changes.listen("items", self._on_items)
        warehouse.changes.listen("taxonomy", self._on_taxonomy)

    def start(self) -> None:
        """Begin in the background."""
        self._thread.start()

    def close(self) -> None:
        """Leave what waits and end."""
        with self._lock:
            self._closed = True
        self._queue.put(None)
        if self._thread.is_alive():
            self._thread.join()
        while not self._queue.empty():
            if isinstance(left := self._queue.get_nowait(), _Question):
                left.answer(NoModelError("The server is ending; ask again in a moment."))

    def on_storing(self, events: pa.Table, items: pa.Table) -> Ended:
        """Events (EVENT_SCHEMA) are being committed, with what is told of items (ITEM_SCHEMA); costs nothing here.

        While the disk works, the next events of remembered visitors are followed already; of nothing is told before
        what is returned was called with whether they were committed.
        """
        with self._lock:
            followed = self._waiting + len(events) <= MOST_WAITING
            self._waiting += len(events) if followed else 0
        if not followed:
            return lambda committed: self._leave_out(events, items) if committed else None
        storing = _Storing(Stored(events, items), Future())
        self._queue.put(storing)
        return storing.committed.set_result

    def on_stored(self, events: pa.Table, items: pa.Table) -> None:
        """As `on_storing`, of what is committed already."""
        self.on_storing(events, items)(True)

    def ask(self, visitor_ids: Sequence[str], answer: Callable[[Intents], None]) -> None:
        """Have `answer` called once with the visitors' intents after every commit told so far, in the tracker's thread:
        it must be quick and not raise."""
        with self._lock:
            if not self._closed:
                self._queue.put(_Question(visitor_ids, answer))
                return
        answer(NoModelError("The server is ending; ask again in a moment."))

    def intent_of(self, visitor_id: str) -> VisitorIntent | None:
        """A visitor's intent now; None of one without events.

        Raises:
            NoModelError: no model can serve, or the tracker is far behind.
        """
        future: Future[Intents] = Future()
        self.ask([visitor_id], future.set_result)
        try:
            intents = future.result(ANSWER_WITHIN_S)
        except TimeoutError:
            raise NoModelError("The tracker is behind; ask again in a moment.") from None
        if isinstance(intents, IntentLensError):
            raise intents
        return intents[0] if intents else None

    def _leave_out(self, events: pa.Table, items: pa.Table) -> None:
        _log.warning("%d events were not followed, since %d wait already.", len(events), MOST_WAITING)
        self._on_visitors(set(events["visitor_id"].to_pylist()))
        self._on_items({*events["item_id"].drop_null().to_pylist(), *items["item_id"].to_pylist()})

    def _on_visitors(self, visitor_ids: Set[str]) -> None:
        with self._lock:
            self._notes.visitors |= visitor_ids
            self._notes.bound()

    def _on_items(self, item_ids: Set[str]) -> None:
        with self._lock:
            self._notes.items |= item_ids
            self._notes.bound()

    def _on_taxonomy(self, _: Set[str]) -> None:
        with self._lock:
            self._notes.taxonomy = True

    def _run(self) -> None:
        while (first := self._next()) is not None:
            if isinstance(first, _Storing) and not first.committed.done() and self._follow_ahead(first):
                continue
            taken, ending = self._take(first)
            self._work(taken)
            if ending:
                return

    def _next(self) -> _Storing | _Question | None:
        held, self._held = self._held, None
        return self._queue.get() if held is None else held

    def _take(self, first: _Storing | _Question) -> tuple[list[Stored | _Question], bool]:
        """What waits, up to EVENTS_A_PASS or the next commit under way; and whether the end was met."""
        taken: list[Stored | _Question] = []
        further: _Storing | _Question | None = first
        events = 0
        while further is not None:
            if isinstance(further, _Question):
                taken.append(further)
            elif self._was_committed(further):
                taken.append(further.stored)
                events += len(further.stored.events)
            if events >= EVENTS_A_PASS:
                return taken, False
            try:
                further = self._queue.get_nowait()
            except queue.Empty:
                return taken, False
            if isinstance(further, _Storing) and not further.committed.done():
                self._held = further
                return taken, False
        return taken, True

    def _was_committed(self, storing: _Storing) -> bool:
        """Wait for the commit; what was not kept waits no more."""
        if storing.committed.result():
            return True
        with self._lock:
            self._waiting -= len(storing.stored.events)
        return False

    def _follow_ahead(self, storing: _Storing) -> bool:
        """Follow events while they are being committed, and tell of them after that; False if they wait still."""
        updates, holds = None, False
        try:
            updates = self._updates_ahead(storing.stored)
            if updates is None:
                return False
            holds = storing.committed.result() and self._still_hold(storing.stored)
        except Exception as error:  # whatever it was, it is tried once more, after the commit
            _log.warning("A commit was not followed ahead: %s", error, exc_info=error)
        if updates is None or not holds:  # the states are of what was before, or never was
            self._forget([storing.stored])
            return False
        with self._lock:
            self._waiting -= len(storing.stored.events)
        self._updates.publish(updates)
        return True

    def _still_hold(self, stored: Stored) -> bool:
        """Whether nothing that the visitors' states were made of was changed with the commit."""
        with self._lock:
            renamed = self._notes.taxonomy
        self._heed()
        return not renamed and all(
            visitor in self.streams.memory for visitor in stored.events["visitor_id"].to_pylist()
        )

    def _updates_ahead(self, stored: Stored) -> list[IntentUpdate] | None:
        scorer = self._serving()
        if scorer is None:
            return None
        self.streams.serve(scorer)
        self._heed()
        return self.streams.follow_ahead(stored)

    def _forget(self, stored: Sequence[Stored]) -> None:
        self.streams.forget(visitor for one in stored for visitor in one.events["visitor_id"].to_pylist())

    def _work(self, taken: Sequence[Stored | _Question]) -> None:
        stored = [one for one in taken if isinstance(one, Stored)]
        questions = [one for one in taken if isinstance(one, _Question)]
        with self._lock:
            self._waiting -= sum(len(one.events) for one in stored)
        try:
            answers = self._follow(stored, questions)
        except Exception as error:  # whatever it was, the next events are followed
            _log.warning("%d commits were not followed: %s", len(stored), error, exc_info=error)
            self._forget(stored)
            shown = error if isinstance(error, IntentLensError) else IntentLensError(f"The tracker failed: {error}.")
            answers = [shown] * len(questions)
        for question, intents in zip(questions, answers, strict=True):
            question.answer(intents)

    def _follow(self, stored: Sequence[Stored], questions: Sequence[_Question]) -> list[Intents]:
        """Publish the updates of the commits; the answers to the questions."""
        scorer = self._serving()
        if scorer is None:
            return [NoModelError("There is no model yet. Label sessions and train one on the Train page.")] * len(
                questions
            )
        self.streams.serve(scorer)
        self._heed()
        if updates := self.streams.follow(stored):
            self._updates.publish(updates)
        states = self.streams.states({visitor_id for question in questions for visitor_id in question.visitor_ids})
        present = [state for state in states.values() if state is not None]
        intents = {intent.visitor_id: intent for intent in self.streams.intents(present)}
        return [[intents[name] for name in question.visitor_ids if name in intents] for question in questions]

    def _heed(self) -> None:
        """What was changed otherwise than by the collector is computed anew. After the commits and questions were
        taken, so that a change that was acknowledged before a question is in its answer."""
        with self._lock:
            notes, self._notes = self._notes, _Notes()
        if notes.too_many:
            self.streams.forget_everything()
        self.streams.forget(notes.visitors)
        if notes.items:
            self.streams.learn_items(notes.items)
        if notes.taxonomy:
            self.streams.learn_taxonomy()
