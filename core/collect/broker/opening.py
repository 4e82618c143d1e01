"""The feed of the broker that the settings name."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from core.clock import Clock
from core.collect.broker.feed import BrokerFeed
from core.collect.intake import Intake
from core.errors import MissingPackageError
from core.settings import Settings

if TYPE_CHECKING:
    from core.collect.broker.jetstream import JetStreamConsumer


def open_feed(settings: Settings, intake: Intake, clock: Clock) -> BrokerFeed | None:
    """The feed, not started yet; None where no broker is configured.

    Raises:
        MissingPackageError: the broker's client is not installed.
    """
    if not settings.broker_url:
        return None
    consumer = jetstream_consumer()
    return BrokerFeed(lambda: consumer(settings), intake, clock, shown_address(settings.broker_url))


def jetstream_consumer() -> "type[JetStreamConsumer]":
    """Its class, for whose import the client must be installed.

    Raises:
        MissingPackageError: it is not.
    """
    try:
        from core.collect.broker.jetstream import JetStreamConsumer
    except ModuleNotFoundError as error:
        raise MissingPackageError(
            "Events from NATS need its client, which is not installed: pip install 'intentlens[nats]'."
        ) from error
    return JetStreamConsumer


def shown_address(url: str) -> str:
    """The addresses without user and password."""
    parts = (urlsplit(part.strip()) for part in url.split(","))
    return ", ".join(f"{part.scheme}://{part.netloc.rpartition('@')[2]}" for part in parts)
