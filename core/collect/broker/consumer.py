"""What a broker must offer to be read from; one file implements it for each broker."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol


class Delivery(Protocol):
    """One message that the broker handed over, and gives again until it is accepted or refused.

    Raises, in each of its coroutines:
        BrokerUnavailableError: the broker is away; it will hand the message over again.
    """

    data: bytes
    source: str | None
    """Where the events come from, if the message tells."""
    stored_at: datetime
    """When the broker took it, naive UTC: the same at each delivery, so that ids made of content are too."""

    async def accept(self) -> None:
        """Its events are on disk."""

    async def refuse(self) -> None:
        """It can never be stored, and why is on disk."""

    async def working(self) -> None:
        """It is still being tried; a broker that gives messages again after a while counts anew from now."""


class BrokerConsumer(Protocol):
    """A durable place in one stream of messages. Raises BrokerUnavailableError in each of its coroutines."""

    async def connect(self) -> None:
        """Find the place, or make it at the stream's beginning."""

    async def fetch(self, wait_s: float) -> Sequence[Delivery]:
        """What has arrived, at once where anything has; nothing after `wait_s`. What is out at a time is bounded."""

    async def lag(self) -> int:
        """Messages in the stream that are not accepted yet."""

    async def close(self) -> None:
        """Let go; what was not accepted comes again to the next one. Never raises."""
