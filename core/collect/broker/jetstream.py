"""NATS JetStream: a durable push consumer, whose unacknowledged messages the server bounds.

A connection is used until it breaks, and then a new one is made: what was out on the old one, the server gives again.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.errors import NoServersError
from nats.js.api import AckPolicy, ConsumerConfig, ConsumerInfo, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from core.errors import BrokerUnavailableError
from core.settings import Settings

MOST_IN_FLIGHT = 4000
"""Messages that may be out without an acknowledgement: the bound of what waits in memory here."""

MOST_BYTES = 256 * 1024 * 1024
"""Of the messages taken and not answered; 128 MB wait in the client, and what it drops beyond comes again."""

ACK_WAIT_S = 30.0
"""After which the server hands a message over again that nobody accepted, to whoever is connected then."""

CONNECT_WITHIN_S = 5
PING_EVERY_S = 10
"""A connection that answers no ping twice is given up."""

SOURCE_HEADER = "Source"


@dataclass(frozen=True)
class Place:
    """Messages in the stream, those that wait, those out without an acknowledgement; and whether a server reads."""

    stored: int
    waiting: int
    out: int
    is_read: bool


class JetStreamDelivery:
    """A message of JetStream's."""

    def __init__(self, message: Msg, on_settled: Callable[[Msg], None]) -> None:
        """Args: on_settled: told the message once it is not ours any more."""
        about = message.metadata
        self._message = message
        self._on_settled = on_settled
        self.data = message.data
        self.source = (message.headers or {}).get(SOURCE_HEADER) or None
        self.stored_at = about.timestamp.astimezone(UTC).replace(tzinfo=None)

    async def accept(self) -> None:
        self._on_settled(self._message)
        async with _told_plainly():
            await self._message.ack()

    async def refuse(self) -> None:
        self._on_settled(self._message)
        async with _told_plainly():
            await self._message.term()

    async def working(self) -> None:
        async with _told_plainly():
            await self._message.in_progress()


class JetStreamConsumer:
    """One connection, of the consumer that the settings name. A stream that is not there is made, stored on disk."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client = Client()
        self._arrived: asyncio.Queue[Msg | None] = asyncio.Queue()
        self._settled = asyncio.Event()
        self._out: set[int] = set()  # sequences in the stream
        self._bytes_out = 0
        self._last_error = ""

    async def connect(self) -> None:
        async with _told_plainly():
            await self._open()
            await self._bind()

    async def place(self) -> Place:
        """Where the consumer stands, by a connection that reads nothing.

        Raises:
            BrokerUnavailableError: the broker is away, or there is no such stream or consumer yet.
        """
        settings = self._settings
        async with _told_plainly():
            await self._open()
            stream = await self._client.jetstream().stream_info(settings.broker_stream)
            about = await self._client.jetstream().consumer_info(settings.broker_stream, settings.broker_consumer)
        return Place(
            stored=stream.state.messages,
            waiting=about.num_pending or 0,
            out=about.num_ack_pending or 0,
            is_read=bool(about.push_bound),
        )

    async def fetch(self, wait_s: float) -> Sequence[JetStreamDelivery]:
        found: list[Msg | None] = []
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                found.append(await self._arrived.get())
        while not self._arrived.empty():
            found.append(self._arrived.get_nowait())
        if None in found:
            raise BrokerUnavailableError("The connection broke.")
        return [JetStreamDelivery(message, self._on_settled) for message in found if message is not None]

    async def lag(self) -> int:
        settings = self._settings
        async with _told_plainly():
            about = await self._client.jetstream().consumer_info(settings.broker_stream, settings.broker_consumer)
        return (about.num_pending or 0) + (about.num_ack_pending or 0)

    async def close(self) -> None:
        with suppress(NatsError, OSError, TimeoutError):
            if self._client.is_connected:
                await self._client.flush(2)
            await self._client.close()

    async def _open(self) -> None:
        settings = self._settings
        try:
            await self._connect(settings)
        except NoServersError as error:
            raise BrokerUnavailableError(f"No server answers ({self._last_error}).") from error

    async def _connect(self, settings: Settings) -> None:
        await self._client.connect(
            settings.broker_url.split(","),
            name="intentlens",
            allow_reconnect=False,
            max_reconnect_attempts=1,  # of the first connection too, which it would go on trying for two minutes
            reconnect_time_wait=0,
            connect_timeout=CONNECT_WITHIN_S,
            ping_interval=PING_EVERY_S,
            error_cb=self._on_error,
            closed_cb=self._on_closed,
        )

    async def _bind(self) -> None:
        """Find or make stream and consumer, and take what the consumer delivers."""
        settings, jetstream = self._settings, self._client.jetstream()
        try:
            await jetstream.stream_info(settings.broker_stream)
        except NotFoundError:
            stream = StreamConfig(
                name=settings.broker_stream, subjects=[settings.broker_subject], storage=StorageType.FILE
            )
            await jetstream.add_stream(stream)
        try:
            about = await jetstream.consumer_info(settings.broker_stream, settings.broker_consumer)
        except NotFoundError:
            about = await jetstream.add_consumer(settings.broker_stream, self._wanted())
        subject = self._subject_of(about)
        await self._client.subscribe(subject, cb=self._on_message, pending_msgs_limit=2 * MOST_IN_FLIGHT)

    def _wanted(self) -> ConsumerConfig:
        settings = self._settings
        return ConsumerConfig(
            durable_name=settings.broker_consumer,
            deliver_subject=f"_INTENTLENS.{settings.broker_stream}.{settings.broker_consumer}",
            filter_subject=settings.broker_subject,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=ACK_WAIT_S,
            max_ack_pending=MOST_IN_FLIGHT,
            max_deliver=-1,
        )

    def _subject_of(self, about: ConsumerInfo) -> str:
        """Where the consumer's messages are delivered.

        Raises:
            BrokerUnavailableError: the consumer is of another kind, or another server reads it.
        """
        settings, name = self._settings, self._settings.broker_consumer
        cure = "Name another by INTENTLENS_BROKER_CONSUMER."
        if about.config.deliver_subject is None or about.config.ack_policy != AckPolicy.EXPLICIT:
            raise BrokerUnavailableError(f"The consumer '{name}' was made by another program. {cure}")
        if about.config.filter_subject != settings.broker_subject:
            read = about.config.filter_subject
            raise BrokerUnavailableError(
                f"The consumer '{name}' reads '{read}', expected '{settings.broker_subject}'. {cure}"
            )
        if about.push_bound:
            raise BrokerUnavailableError(f"Another server reads by the consumer '{name}'. {cure}")
        return about.config.deliver_subject

    async def _on_message(self, message: Msg) -> None:
        """A copy of one that is out is left alone, or a slow disk would be sent more and more of them."""
        if message.metadata.sequence.stream in self._out:
            return
        while self._bytes_out > MOST_BYTES:
            self._settled.clear()
            await self._settled.wait()
        self._out.add(message.metadata.sequence.stream)
        self._bytes_out += len(message.data)
        self._arrived.put_nowait(message)

    def _on_settled(self, message: Msg) -> None:
        self._out.discard(message.metadata.sequence.stream)
        self._bytes_out -= len(message.data)
        self._settled.set()

    async def _on_error(self, error: Exception) -> None:
        """What breaks a connection is told again when it is used or closed; why there is none, only here."""
        self._last_error = str(error) or type(error).__name__

    async def _on_closed(self) -> None:
        self._arrived.put_nowait(None)


@asynccontextmanager
async def _told_plainly() -> AsyncIterator[None]:
    """The client's errors as ours."""
    try:
        yield
    except (NatsError, OSError, TimeoutError) as error:
        raise BrokerUnavailableError(str(error) or type(error).__name__) from error
