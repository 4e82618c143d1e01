"""Plays a shop's past through the real collector, at any speed, one replay at a time.

Events keep their spacing, so that sessions are what they were, and are moved so that the last one happens when it
arrives: at real time each does, at 60 times the first happened 59/60 of the span before it arrived. No time lies ahead.
Every event waits for its receipt: at most IN_FLIGHT posts are under way, so that a replay as fast as possible is as
fast as the disk.
"""

import logging
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from core.collect.collector import Post
from core.collect.intake import Intake, Receipt
from core.errors import IntentLensError, InvalidReplayError, OverloadedError
from core.realtime.presence import Presence
from core.realtime.replay_events import REPLAY, REPLAY_PREFIX, replay_message
from core.realtime.replay_source import ReplaySource
from core.store.replay_queries import REPLAY_SOURCE, remove_replayed
from core.store.warehouse import Warehouse

MOST_SPEED = 100_000.0
AS_FAST_AS_POSSIBLE = 0.0
POST_EVENTS = 500
IN_FLIGHT = 4
TICK_S = 0.05
"""What is due so soon is sent together."""
RETRY_S = 0.2

ReplayState = Literal["idle", "running", "finished", "stopped", "failed"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ReplayStatus:
    """How far the replay is, or the last one was.

    sent: events on disk; refused: those that the collector did not take; at: the source's own time of the last one.
    behind_s: by how much it lags behind its speed, since the disk or the collector is slower.
    """

    state: ReplayState = "idle"
    name: str = ""
    source: ReplaySource | None = None
    speed: float = 60.0
    total: int = 0
    sent: int = 0
    refused: int = 0
    at: datetime | None = None
    began_at: datetime | None = None
    behind_s: float = 0.0
    error: str | None = None

    @property
    def progress(self) -> float:
        """Share of the events that are on disk or refused."""
        return (self.sent + self.refused) / self.total if self.total else 0.0


class Replays:
    """One per server. Thread-safe."""

    def __init__(self, warehouse: Warehouse, intake: Intake, presence: Presence, on_edge: Callable[[], None]) -> None:
        """Args: on_edge: called when a replay begins and when it ended; it must not raise."""
        self._warehouse = warehouse
        self._intake = intake
        self._presence = presence
        self._on_edge = on_edge
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._status = ReplayStatus()

    @property
    def status(self) -> ReplayStatus:
        """How far it is."""
        return self._status

    def start(self, source: ReplaySource, speed: float) -> ReplayStatus:
        """Begin in the background.

        Args:
            speed: 1 is real time, 60 an hour a minute; AS_FAST_AS_POSSIBLE waits for nothing but the disk.

        Raises:
            InvalidReplayError: another one is going on, a bad speed, or there is nothing to play.
        """
        if not 0 <= speed <= MOST_SPEED:
            raise InvalidReplayError(f"speed is '{speed}', expected 0 (as fast as possible) to {MOST_SPEED:,.0f}.")
        span = source.span(self._warehouse)
        if not span.events or span.first_at is None or span.last_at is None:
            raise InvalidReplayError("There are no events to replay in that span; choose another source or other days.")
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                raise InvalidReplayError("A replay is going on; stop it first.")
            self._stop.clear()
            source = replace(source, end=source.end or span.last_at + timedelta(microseconds=1))
            now = self._warehouse.clock()
            name = uuid.uuid4().hex[:6]
            self._status = ReplayStatus("running", name, source, speed, total=span.events, began_at=now)
            play = _Play(self, source, speed, name, span.first_at, _shift(now, span.first_at, span.last_at, speed))
            self._thread = threading.Thread(target=self._run, args=(play,), name="replay", daemon=True)
            self._thread.start()
            return self._status

    def stop(self) -> None:
        """End it after the posts under way; what was played stays until it is removed."""
        self._stop.set()

    def remove(self) -> int:
        """Remove all that replays brought, from the warehouse and from who is present; returns how many events.

        Raises:
            InvalidReplayError: one is going on.
            WarehouseWriteError: the disk refused; nothing is removed then.
        """
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                raise InvalidReplayError("A replay is going on; stop it first.")
            removed = remove_replayed(self._warehouse)
            self._presence.forget(REPLAY_PREFIX)
            self._status = ReplayStatus()
        self._on_edge()
        return removed

    def close(self) -> None:
        """Stop and wait."""
        self.stop()
        if self._thread is not None:
            self._thread.join()

    def wait(self, timeout_s: float | None = None) -> ReplayStatus:
        """Wait until it is over."""
        if self._thread is not None:
            self._thread.join(timeout_s)
        return self._status

    def _run(self, play: "_Play") -> None:
        self._on_edge()
        outcome: dict[str, Any] = {"state": "failed", "error": "The replay broke off; the server's log says why."}
        try:
            play.run()
            outcome = {"state": "stopped" if self._stop.is_set() else "finished"}
        except IntentLensError as error:
            outcome = {"state": "failed", "error": str(error)}
        finally:
            self._status = replace(self._status, behind_s=0.0, **outcome)
            self._on_edge()

    def tell(self, **changes: Any) -> None:
        """Say how far it is; called by the thread that plays."""
        self._status = replace(self._status, **changes)

    def events(self, source: ReplaySource) -> Iterator[dict[str, Any]]:
        """The events of a source, until it is stopped."""
        for chunk in source.chunks(self._warehouse):
            for event in chunk:
                if self._stop.is_set():
                    return
                yield event

    def sleep(self, seconds: float) -> bool:
        """Wait; True when it was stopped meanwhile."""
        return self._stop.wait(max(0.0, seconds))

    def submit(self, messages: list[dict[str, Any]]) -> "Future[Receipt]":
        """Post to the collector, as soon as it has room.

        Raises:
            WarehouseWriteError: the server is ending.
        """
        while True:
            try:
                return self._intake.submit(Post(messages, REPLAY, REPLAY_SOURCE, self._warehouse.clock()))
            except OverloadedError:
                time.sleep(RETRY_S)


class _Play:
    """One replay going on; all of it in its own thread."""

    def __init__(
        self, replays: Replays, source: ReplaySource, speed: float, name: str, first_at: datetime, shift: timedelta
    ) -> None:
        self._replays = replays
        self._source = source
        self._speed = speed
        self._name = name
        self._first_at = first_at
        self._shift = shift
        self._began = time.monotonic()
        self._under_way: deque[tuple[Future[Receipt], datetime]] = deque()
        self._sent = self._refused = 0

    def run(self) -> None:
        waiting: list[dict[str, Any]] = []
        last_at = self._first_at
        for event in self._replays.events(self._source):
            due_in_s = self._due_in_s(event["occurred_at"])
            if waiting and (due_in_s > TICK_S or len(waiting) >= POST_EVENTS):
                self._post(waiting, last_at, due_in_s)
                waiting = []
            if due_in_s > TICK_S:
                self._settle(0)
                if self._replays.sleep(self._due_in_s(event["occurred_at"])):
                    break
            waiting.append(replay_message(event, self._name, self._shift))
            last_at = event["occurred_at"]
        if waiting:
            self._post(waiting, last_at, 0.0)
        self._settle(0)

    def _due_in_s(self, at: datetime) -> float:
        """Seconds until an event is due, below 0 when it is late."""
        if self._speed == AS_FAST_AS_POSSIBLE:
            return 0.0
        return self._began + (at - self._first_at).total_seconds() / self._speed - time.monotonic()

    def _post(self, messages: list[dict[str, Any]], last_at: datetime, due_in_s: float) -> None:
        self._settle(IN_FLIGHT - 1)
        self._under_way.append((self._replays.submit(messages), last_at))
        if self._speed != AS_FAST_AS_POSSIBLE:
            self._replays.tell(behind_s=round(max(0.0, -due_in_s), 1))

    def _settle(self, most: int) -> None:
        """Wait for receipts until no more than `most` posts are under way."""
        while len(self._under_way) > most:
            future, last_at = self._under_way.popleft()
            receipt = future.result()
            self._sent += receipt.added + receipt.duplicates
            self._refused += len(receipt.refusals)
            self._replays.tell(sent=self._sent, refused=self._refused, at=last_at)


def _shift(now: datetime, first_at: datetime, last_at: datetime, speed: float) -> timedelta:
    """So that the last event happens when it arrives."""
    lasts = timedelta(0) if speed == AS_FAST_AS_POSSIBLE else (last_at - first_at) / speed
    return now + lasts - last_at
