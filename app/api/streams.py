"""Updates from the tracker's thread to the streams that are open in the event loop, one wake-up for each group.

Every stream holds a bounded number of updates that its consumer was too slow to take; older ones are dropped, counted
and told.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache

import orjson

from core.errors import OverloadedError
from core.realtime.intent_update import IntentUpdate
from core.realtime.update_filter import UpdateFilter
from core.realtime.updates import Updates

MOST_STREAMS = 1_000
MOST_WAITING = 1_000
"""Updates that may wait for one consumer."""

MOST_GROUPS = 1_000
"""Groups that may wait for the event loop; it is woken at once, so that more are only there while it is held up."""


class Subscription:
    """One open stream; everything here happens in the event loop."""

    def __init__(self, wanted: UpdateFilter) -> None:
        self.wanted = wanted
        self.after = 0  # the sequence after which updates are wanted
        self._waiting: deque[IntentUpdate] = deque()
        self._news = asyncio.Event()
        self.dropped = 0
        self.ended = False

    def offer(self, updates: Sequence[IntentUpdate]) -> None:
        """Take those that are wanted; what is too much drops the oldest."""
        fresh = [update for update in updates if update.sequence > self.after]
        if not fresh:
            return
        self.dropped += fresh[0].sequence - self.after - 1
        self.after = fresh[-1].sequence
        self._waiting.extend(update for update in fresh if self.wanted.lets_pass(update))
        while len(self._waiting) > MOST_WAITING:
            self._waiting.popleft()
            self.dropped += 1
        if self._waiting or self.dropped:
            self._news.set()

    def end(self) -> None:
        """Let whoever waits here go."""
        self.ended = True
        self._news.set()

    async def take(self, timeout_s: float) -> tuple[int, list[IntentUpdate]]:
        """How many were dropped since the last call, and what waits; nothing after `timeout_s` without news."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._news.wait()
        if not self.ended:
            self._news.clear()
        taken, dropped = list(self._waiting), self.dropped
        self._waiting.clear()
        self.dropped = 0
        return dropped, taken


class Streams:
    """All open streams of a server."""

    def __init__(self, updates: Updates) -> None:
        self.updates = updates
        self._open: set[Subscription] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop_listening: Callable[[], None] | None = None
        self._arrived: deque[Sequence[IntentUpdate]] = deque(maxlen=MOST_GROUPS)
        self._lock = threading.Lock()
        self._woken = False
        self.ended = False

    def __len__(self) -> int:
        return len(self._open)

    def open(self, wanted: UpdateFilter) -> Subscription:
        """Begin a stream, and set its `after` before anything else runs. In the event loop.

        Raises:
            OverloadedError: too many streams are open.
        """
        if self._loop is not asyncio.get_running_loop():  # a test's client may run several, one after the other
            self._open.clear()
            self._loop = asyncio.get_running_loop()
        if len(self._open) >= MOST_STREAMS:
            raise OverloadedError(f"{MOST_STREAMS:,} streams are open, which is as many as there may be.")
        subscription = Subscription(wanted)
        self._open.add(subscription)
        if self._stop_listening is None:
            self._stop_listening = self.updates.listen(self._on_updates)
        if self.ended:
            subscription.end()
        return subscription

    def close(self, subscription: Subscription) -> None:
        """Its consumer is gone. In the event loop."""
        self._open.discard(subscription)
        if not self._open and self._stop_listening is not None:
            self._stop_listening()
            self._stop_listening = None

    def end(self) -> None:
        """The server ends: every stream too, and those that are opened from now on. From any thread, or a signal."""
        self.ended = True
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has ended, and with it every stream
                self._loop.call_soon_threadsafe(self._end_all)

    def _end_all(self) -> None:
        for subscription in self._open:
            subscription.end()

    def _on_updates(self, group: Sequence[IntentUpdate]) -> None:
        """In the publisher's thread."""
        with self._lock:
            self._arrived.append(group)
            if self._woken or self._loop is None:
                return
            self._woken = True
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._hand_out)

    def _hand_out(self) -> None:
        with self._lock:
            self._woken = False
            groups = list(self._arrived)
            self._arrived.clear()
        for group in groups:
            for subscription in self._open:
                subscription.offer(group)


@lru_cache(maxsize=4096)
def told(update: IntentUpdate, run_id: str) -> bytes:
    """An update as the lines of an event stream; made once for all consumers."""
    return b"id: %s-%d\nevent: intent\ndata: %s\n\n" % (
        run_id.encode(),
        update.sequence,
        orjson.dumps(update.to_dict()),
    )
