"""Work done soon after the commit that caused it, so that whoever committed need not wait for it."""

import threading
import time
from collections.abc import Callable, Iterable, Sequence

import duckdb

DeferredWork = Callable[[duckdb.DuckDBPyConnection, Sequence[str]], object]

LINGER_S = 2.0
"""How long work waits for more of its kind; a read that needs it does not wait (`core.store.session_queue.settle`)."""

SLICE = 400
"""Subjects worked on between two groups of changes at most, so that no commit waits long."""

REST = 3.0
"""How many times as long as it took work rests where changes were committed since the last: a change then waits for one
slice at most. What is not caught up with meanwhile is when fewer come."""

RETRY_S = 1.0
"""How long failed work rests before it is tried again."""


class LaterWork:
    """The subjects still to be worked on, oldest first; filled by the writer, asked by any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked_at: dict[tuple[DeferredWork, str], float] = {}
        self._not_before = 0.0

    def add(self, work: DeferredWork, subjects: Iterable[str]) -> None:
        """Ask for work; a subject that waits already keeps its place."""
        now = time.monotonic()
        with self._lock:
            for subject in subjects:
                self._asked_at.setdefault((work, subject), now)

    def pending(self, work: DeferredWork, among: Iterable[str] | None = None) -> list[str]:
        """The subjects that wait for this work, of all or of those given."""
        with self._lock:
            if among is not None:
                return [subject for subject in among if (work, subject) in self._asked_at]
            return [subject for waiting, subject in self._asked_at if waiting is work]

    def due_in_s(self) -> float | None:
        """Seconds until there is something to do; None when nothing waits."""
        with self._lock:
            first = next(iter(self._asked_at.values()), None)
            return None if first is None else max(first + LINGER_S, self._not_before) - time.monotonic()

    def take(self) -> tuple[DeferredWork, list[str]] | None:
        """Up to SLICE subjects of the work asked for first; they stay until `done`."""
        with self._lock:
            work = next((waiting for waiting, _ in self._asked_at), None)
            if work is None:
                return None
            subjects = [subject for waiting, subject in self._asked_at if waiting is work]
            return work, subjects[:SLICE]

    def done(self, work: DeferredWork, subjects: Iterable[str]) -> None:
        """Forget these subjects."""
        with self._lock:
            for subject in subjects:
                self._asked_at.pop((work, subject), None)

    def rest(self, seconds: float) -> None:
        """Nothing is due for so long."""
        with self._lock:
            self._not_before = time.monotonic() + seconds
