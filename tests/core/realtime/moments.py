"""A clock that tests move, and updates made by hand."""

from datetime import datetime, timedelta
from itertools import count

from core.realtime.intent_update import IntentUpdate

START = datetime(2026, 3, 4, 10, 0, 0)
_NUMBERS = count(1)


class MovedClock:
    """Stands still until it is moved."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def update_of(
    visitor_id: str,
    intent: str,
    event_type: str = "view",
    *,
    abstained: bool = False,
    session_id: str | None = None,
    confidence: float = 0.8,
    at: datetime | None = None,
    event_id: str | None = None,
) -> IntentUpdate:
    """Of an event later than those of all updates made before, unless told."""
    number = next(_NUMBERS)
    return IntentUpdate(
        visitor_id=visitor_id,
        session_id=session_id,
        event_id=event_id or f"{visitor_id}-e{number}",
        event_type=event_type,
        occurred_at=at or START + timedelta(milliseconds=number),
        model_version="model-1",
        intents=((intent, confidence), ("rest", 1 - confidence)),
        abstained=abstained,
    )
