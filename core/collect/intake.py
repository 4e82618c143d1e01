"""Requests that arrive together are cleaned, stored and committed together: each waits for that one commit.

A thread takes whatever waits, while the writer commits what it took before; the busier the server, the larger the
groups. A small post goes straight to the commit log while little waits, as small groups do (`core.store.arrivals`);
large groups go to the warehouse. Nothing is acknowledged before it is on disk, and what waits is bounded.
"""

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from core.collect.collector import Collected, Post, Refusal, collect
from core.collect.fates import Fates
from core.errors import OverloadedError, WarehouseWriteError
from core.store.arrivals import Arrivals
from core.store.collect_queries import first_copies, submit_collected
from core.store.warehouse import Ended, Warehouse

GROUP_MESSAGES = 4000
"""Messages after which a group is full."""

EARLY_MESSAGES = 800
"""So many waiting messages are worth cleaning while the group before is still being committed."""

LOGGED_MESSAGES = 32
"""Groups of up to so many messages are acknowledged from the commit log; larger ones cost the warehouse less than twice
to be written."""

SMALL_MESSAGES = 4
"""So few messages are cleaned sooner than a thread is woken for them."""

FEW_WAITING = 16
"""While no more messages than this wait, a small post need not wait to be cleaned with others."""

MOST_WAITING = 60_000
"""Messages that may wait; more are refused, so that a flood costs answers and not memory."""

_COMMITTED = "committed"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Receipt:
    """What became of a post: events that were new, those there already, the messages refused; whose events they are."""

    added: int
    duplicates: int
    refusals: tuple[Refusal, ...]
    visitor_ids: tuple[str, ...] = ()

    @property
    def fates(self) -> Fates:
        """The same in numbers."""
        return Fates(self.added, self.duplicates, len(self.refusals))


Outcome = Receipt | BaseException
Answer = Callable[[Outcome], None]
OnStoring = Callable[[pa.Table, pa.Table], Ended]
"""Told the new events (EVENT_SCHEMA) of each commit, and what it tells of items (ITEM_SCHEMA), when it is begun;
what is returned is told whether it was, before anything is acknowledged. Both in the thread that puts it on disk: they
must be quick and not raise."""


@dataclass(frozen=True)
class _Waiting:
    post: Post
    answer: Answer


class Intake:
    """One per server."""

    def __init__(self, warehouse: Warehouse, on_storing: OnStoring | None = None) -> None:
        self._warehouse = warehouse
        self._arrivals = Arrivals(warehouse)
        self._on_storing = on_storing
        self._queue: queue.SimpleQueue[_Waiting | str | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._messages = 0
        self._closed = False
        self._fates: dict[str, Fates] = {}
        self._thread = threading.Thread(target=self._run, name="intake", daemon=True)
        self._thread.start()

    def submit(self, post: Post) -> "Future[Receipt]":
        """Queue a post; the future resolves after its commit. Raises as `submit_to`."""
        future: Future[Receipt] = Future()
        future.set_running_or_notify_cancel()  # a caller that goes away takes nothing back
        self.submit_to(post, lambda outcome: _resolve(future, outcome))
        return future

    def submit_to(self, post: Post, answer: Answer) -> None:
        """Queue a post; `answer` is called once, when it is on disk, in the thread that put it there: it must be quick.
        Of a post that cannot be cleaned it may be called before this returns.

        Raises:
            OverloadedError: too much waits already.
            WarehouseWriteError: the server is ending.
        """
        with self._lock:
            if self._closed:
                raise WarehouseWriteError("The server is ending; send this again in a moment.")
            if self._messages + len(post.messages) > MOST_WAITING:
                raise OverloadedError(f"{self._messages:,} messages wait to be stored; send this again in a moment.")
            at_once = self._messages < FEW_WAITING and len(post.messages) <= SMALL_MESSAGES
            self._messages += len(post.messages)
            if not at_once:
                self._queue.put(_Waiting(post, answer))  # within the lock: nothing is put behind the end
        if at_once:
            self._store([_Waiting(post, answer)])

    @property
    def waiting(self) -> int:
        """Messages that wait to be stored."""
        return self._messages

    @property
    def fates(self) -> dict[str, Fates]:
        """Since the start, by the name of the dialect, whoever submitted: requests, the broker, a replay."""
        return dict(self._fates)

    def close(self) -> None:
        """Store what waits and end."""
        with self._lock:
            self._closed = True
        self._queue.put(None)
        self._thread.join()
        self._arrivals.close()

    def _run(self) -> None:
        """Groups what waits; one group is committed while the next is gathered, and cleaned if it is large already."""
        group: list[_Waiting] = []
        messages = committing = 0
        closing = False
        while not (closing and not group and not committing):
            arrived = self._queue.get()
            if isinstance(arrived, _Waiting):
                group.append(arrived)
                messages += len(arrived.post.messages)
            elif arrived is _COMMITTED:
                committing -= 1
            else:
                closing = True
            may_start = committing == 0 or (committing == 1 and messages >= EARLY_MESSAGES)
            if group and may_start and (messages >= GROUP_MESSAGES or self._queue.empty()):
                committing += self._store(group, lambda: self._queue.put(_COMMITTED))
                group, messages = [], 0

    def _store(self, group: Sequence[_Waiting], committed: Callable[[], None] = lambda: None) -> int:
        """Clean and submit a group, or each post alone should that fail unforeseen; how many commits will follow.

        Args:
            committed: called after each of these.
        """
        try:
            collected = collect([waiting.post for waiting in group])
        except Exception as error:  # goes to whoever sent it
            if len(group) == 1:
                self._answer(group, error=error)
                return 0
            _log.exception("A group of %d requests could not be cleaned; each is taken alone.", len(group))
            return sum(self._store([waiting], committed) for waiting in group)
        logged = self._arrivals.ready and _messages(group) <= LOGGED_MESSAGES
        submit = self._arrivals.submit if logged else partial(submit_collected, self._warehouse)
        future = submit(
            collected.events,
            rejected=collected.rejected,
            items=collected.items,
            links=collected.links,
            on_storing=lambda new: self._begin(collected, new),
        )
        future.add_done_callback(lambda done: self._on_committed(group, collected, done))
        future.add_done_callback(lambda _: committed())
        return 1

    def _begin(self, collected: Collected, new: frozenset[str]) -> Ended:
        if self._on_storing is None or not (new or len(collected.items)):
            return _nobody_listens
        return self._on_storing(_only(collected.events, new), collected.items)

    def _on_committed(self, group: Sequence[_Waiting], collected: Collected, done: "Future[frozenset[str]]") -> None:
        error = done.exception()
        if error is not None:
            self._answer(group, error=error)
        else:
            receipts = _receipts(collected, done.result())
            self._count(group, receipts)
            self._answer(group, receipts=receipts)

    def _count(self, group: Sequence[_Waiting], receipts: Sequence[Receipt]) -> None:
        """Before anybody is answered."""
        with self._lock:
            for waiting, receipt in zip(group, receipts, strict=True):
                name = waiting.post.dialect.name
                self._fates[name] = self._fates.get(name, Fates()) + receipt.fates

    def _answer(
        self,
        group: Sequence[_Waiting],
        *,
        receipts: Sequence[Receipt] = (),
        error: BaseException | None = None,
    ) -> None:
        with self._lock:
            self._messages -= _messages(group)
        for place, waiting in enumerate(group):
            waiting.answer(receipts[place] if error is None else error)


def _nobody_listens(_committed: bool) -> None:
    pass


def _resolve(future: "Future[Receipt]", outcome: Outcome) -> None:
    if isinstance(outcome, BaseException):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)


def _only(events: pa.Table, new: frozenset[str]) -> pa.Table:
    """The first of the events with each of these ids."""
    if len(new) == len(events):
        return events
    return first_copies(events.filter(pc.is_in(events["event_id"], pa.array(new, pa.string()))))


def _messages(group: Sequence[_Waiting]) -> int:
    return sum(len(waiting.post.messages) for waiting in group)


def _receipts(collected: Collected, new: frozenset[str]) -> list[Receipt]:
    """Of each post; of several messages with one id the first is the new one."""
    unclaimed = set(new)
    receipts = []
    for ids, visitors, refusals in zip(collected.event_ids, collected.visitor_ids, collected.refusals, strict=True):
        added = 0
        for event_id in ids:
            if event_id in unclaimed:
                unclaimed.discard(event_id)
                added += 1
        receipts.append(Receipt(added, len(ids) - added, refusals, tuple(dict.fromkeys(visitors))))
    return receipts
