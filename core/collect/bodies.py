"""What the bodies of trackers' requests share, whichever way they come in."""

from datetime import UTC, datetime
from typing import Any


def parse_sent_at(text: Any) -> datetime | None:
    """The client's clock at sending, as naive UTC; None when absent or unreadable, and then no skew is corrected."""
    if not isinstance(text, str):
        return None
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at
    except (ValueError, OverflowError):
        return None


def with_shared_context(message: Any, shared: dict[str, Any] | None) -> Any:
    """A batch may carry a context for all its messages; a message's own wins."""
    if not shared or not isinstance(message, dict):
        return message
    own = message.get("context")
    return message | {"context": shared | (own if isinstance(own, dict) else {})}
