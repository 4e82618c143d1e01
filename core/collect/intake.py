"""Requests that arrive together are cleaned, stored and committed together: each waits for that one commit.

A thread takes whatever waits, while the writer commits what it took before; the busier the server, the larger the
groups. Nothing is acknowledged before the commit, and what waits is bounded.
"""

import logging
import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass

from core.collect.collector import Collected, Post, Refusal, collect
from core.errors import OverloadedError, WarehouseWriteError
from core.store.collect_queries import submit_collected
from core.store.warehouse import Warehouse

GROUP_MESSAGES = 4000
"""Messages after which a group is full."""

EARLY_MESSAGES = 800
"""So many waiting messages are worth cleaning while the group before is still being committed."""

MOST_WAITING = 60_000
"""Messages that may wait; more are refused, so that a flood costs answers and not memory."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Receipt:
    """What became of a post: events that were new, those there already, and the messages refused."""

    added: int
    duplicates: int
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True)
class _Waiting:
    post: Post
    future: "Future[Receipt]"


class Intake:
    """One per server."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._messages = 0
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="intake", daemon=True)
        self._thread.start()

    def submit(self, post: Post) -> "Future[Receipt]":
        """Queue a post; the future resolves after its commit.

        Raises:
            OverloadedError: too much waits already.
            WarehouseWriteError: the server is ending.
        """
        with self._lock:
            if self._closed:
                raise WarehouseWriteError("The server is ending; send this again in a moment.")
            if self._messages + len(post.messages) > MOST_WAITING:
                raise OverloadedError(f"{self._messages:,} messages wait to be stored; send this again in a moment.")
            self._messages += len(post.messages)
        waiting = _Waiting(post, Future())
        waiting.future.set_running_or_notify_cancel()  # a client that hangs up takes nothing back
        self._queue.put(waiting)
        return waiting.future

    def close(self) -> None:
        """Store what waits and end."""
        with self._lock:
            self._closed = True
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        committing: Future[frozenset[str]] | None = None
        while True:
            group, ends = self._take()
            if committing is not None and not ends:
                ends = self._take_more(group, committing)
            if group:
                before, committing = committing, self._store(group)
                if before is not None:
                    wait([before])
            if ends:
                break
        if committing is not None:
            wait([committing])

    def _take(self) -> tuple[list[_Waiting], bool]:
        """The next post and what waits with it; True at the end."""
        first = self._queue.get()
        if first is None:
            return [], True
        group = [first]
        return group, self._fill(group)

    def _take_more(self, group: list[_Waiting], committing: "Future[frozenset[str]]") -> bool:
        """While the group before is being committed a small one waits for company; True at the end."""
        while _messages(group) < EARLY_MESSAGES and not committing.done():
            wait([committing], timeout=0.002)
            if self._fill(group):
                return True
        return self._fill(group)

    def _fill(self, group: list[_Waiting]) -> bool:
        while _messages(group) < GROUP_MESSAGES:
            try:
                waiting = self._queue.get_nowait()
            except queue.Empty:
                return False
            if waiting is None:
                return True
            group.append(waiting)
        return False

    def _store(self, group: Sequence[_Waiting]) -> "Future[frozenset[str]] | None":
        """Clean and submit a group; should that fail unforeseen, each post alone, so that one harms no other."""
        try:
            collected = collect([waiting.post for waiting in group])
        except Exception as error:  # goes to whoever sent it
            if len(group) == 1:
                self._answer(group, error=error)
                return None
            _log.exception("A group of %d requests could not be cleaned; each is taken alone.", len(group))
            futures = [self._store([waiting]) for waiting in group]
            return next((future for future in reversed(futures) if future is not None), None)
        future = submit_collected(
            self._warehouse,
            collected.events,
            rejected=collected.rejected,
            items=collected.items,
            links=collected.links,
        )
        future.add_done_callback(lambda done: self._on_committed(group, collected, done))
        return future

    def _on_committed(self, group: Sequence[_Waiting], collected: Collected, done: "Future[frozenset[str]]") -> None:
        error = done.exception()
        if error is not None:
            self._answer(group, error=error)
        else:
            self._answer(group, receipts=_receipts(collected, done.result()))

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
            if error is not None:
                waiting.future.set_exception(error)
            else:
                waiting.future.set_result(receipts[place])


def _messages(group: Sequence[_Waiting]) -> int:
    return sum(len(waiting.post.messages) for waiting in group)


def _receipts(collected: Collected, new: frozenset[str]) -> list[Receipt]:
    """Of each post; of several messages with one id the first is the new one."""
    unclaimed = set(new)
    receipts = []
    for ids, refusals in zip(collected.event_ids, collected.refusals, strict=True):
        added = 0
        for event_id in ids:
            if event_id in unclaimed:
                unclaimed.discard(event_id)
                added += 1
        receipts.append(Receipt(added, len(ids) - added, refusals))
    return receipts
