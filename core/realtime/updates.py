"""The updates of every shopper's intent, told to whoever listens: streams, webhooks, the Live page."""

import secrets
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace

from core.realtime.intent_update import IntentUpdate

KEPT = 10_000
"""Newest updates kept for who comes late or was cut off."""

Listener = Callable[[Sequence[IntentUpdate]], None]


class Updates:
    """One per server. Thread-safe."""

    def __init__(self, *, kept: int = KEPT) -> None:
        self._lock = threading.Lock()
        self._recent: deque[IntentUpdate] = deque(maxlen=kept)
        self._listeners: list[Listener] = []
        self._sequence = 0
        self.run_id = secrets.token_hex(4)  # which server process counted: another begins at 1 again

    @property
    def last_sequence(self) -> int:
        """That of the newest update; 0 before the first."""
        return self._sequence

    def publish(self, updates: Sequence[IntentUpdate]) -> None:
        """Number the updates, keep them and tell every listener, in one order for all."""
        with self._lock:
            numbered = [replace(update, sequence=self._sequence + place) for place, update in enumerate(updates, 1)]
            self._sequence += len(numbered)
            self._recent.extend(numbered)
            for listener in self._listeners:
                listener(numbered)

    def since(self, sequence: int) -> list[IntentUpdate]:
        """The kept updates after this one, oldest first; some are missing if more than `kept` came since."""
        with self._lock:
            return [update for update in self._recent if update.sequence > sequence]

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with each group of updates, in the publisher's thread: it must be quick and not raise.

        Returns:
            Call it to stop listening.
        """
        with self._lock:
            self._listeners.append(listener)

        def stop() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return stop
