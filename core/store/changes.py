"""Who remembers something of the warehouse is told when a commit has changed it, before the commit is acknowledged."""

import threading
from collections.abc import Callable, Mapping, Set
from typing import Literal

Topic = Literal["visitors", "items", "models", "taxonomy"]
"""`visitors`: events removed, or added otherwise than by the collector, which tells of its own; subjects: visitor_ids.
`items`: told of likewise; item_ids. `models`: registered, promoted; `taxonomy`: edited."""

Listener = Callable[[Set[str]], None]
"""Told the subjects, in the writer's thread: it must be quick and not raise."""


class Changes:
    """The listeners by topic. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: dict[Topic, list[Listener]] = {}

    def listen(self, topic: Topic, listener: Listener) -> None:
        """Call `listener` after each commit with a change of this kind."""
        with self._lock:
            self._listeners.setdefault(topic, []).append(listener)

    def tell(self, changed: Mapping[Topic, Set[str]]) -> None:
        """By the writer, after a commit."""
        for topic, subjects in changed.items():
            with self._lock:
                listeners = list(self._listeners.get(topic, ()))
            for listener in listeners:
                listener(subjects)
