"""Time is naive UTC everywhere, and injected: a function that needs "now" takes a Clock."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The current time as naive UTC with microseconds."""
    return datetime.now(UTC).replace(tzinfo=None)
