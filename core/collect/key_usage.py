"""How much each sender sends, minute by minute, for the last hour of this server's life."""

import threading
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

MINUTES = 60


@dataclass(frozen=True)
class Usage:
    """Events let in during the last minute and hour, and when the last of them came (naive UTC)."""

    last_used_at: datetime
    last_minute: int
    last_hour: int


class KeyUsage:
    """One per server. Thread-safe; memory is bounded by senders, each with an hour of counts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: dict[str, datetime] = {}
        self._counts: dict[str, deque[tuple[datetime, int]]] = {}

    def note(self, sender: str, events: int, now: datetime) -> None:
        """So many events of a sender were let in."""
        minute = now.replace(second=0, microsecond=0)
        with self._lock:
            self._last[sender] = now
            counts = self._counts.setdefault(sender, deque(maxlen=MINUTES + 1))
            if counts and counts[-1][0] == minute:
                counts[-1] = (minute, counts[-1][1] + events)
            else:
                counts.append((minute, events))

    def of(self, sender: str, now: datetime) -> Usage | None:
        """A sender's usage; None if it sent nothing since the server's start. The last minute is the last whole one."""
        this = now.replace(second=0, microsecond=0)
        with self._lock:
            last, counts = self._last.get(sender), list(self._counts.get(sender, ()))
        if last is None:
            return None
        before = this - timedelta(minutes=1)
        return Usage(
            last_used_at=last,
            last_minute=sum(events for minute, events in counts if minute == before),
            last_hour=sum(events for minute, events in counts if minute > this - timedelta(minutes=MINUTES)),
        )
