"""Keeps reading a broker's stream into the intake, whatever happens to the broker, until the server ends.

At least once by the broker, once in effect by event_id: a message is accepted only after its events' commit, and one
that comes again (its acknowledgement was lost with a connection or a server) finds its events stored.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from core.clock import Clock
from core.collect.broker.consumer import BrokerConsumer, Delivery
from core.collect.broker.reading import posts_of, refused
from core.collect.collector import Post
from core.collect.intake import Intake, Receipt
from core.collect.receipts import Receipts
from core.errors import BrokerUnavailableError, OverloadedError, WarehouseWriteError

FETCH_WAIT_S = 0.5
LAG_EVERY_S = 2.0
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 10.0
"""Between two tries to reach a broker that is away: doubled from the first to the longest."""

LOOK_UP_S = 0.1
"""How often such a pause looks whether the feed was closed."""

RETRY_S = 1.0
"""After which a message is tried again that could not be stored now."""

MOST_ATTEMPTS = 5
"""A message whose cleaning fails unforeseen is refused after so many, so that it stays in nobody's way."""

END_WITHIN_S = 10.0
"""How long the end waits for what is being stored; the rest comes again at the next start."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class BrokerStatus:
    """Where the reading stands. Counts are of this server's life; `lag`: messages not stored yet, None: unknown."""

    address: str
    connected: bool = False
    events: int = 0
    duplicates: int = 0
    refused: int = 0
    lag: int | None = None
    last_event_at: datetime | None = None
    last_error: str | None = None
    last_error_at: datetime | None = None


class BrokerFeed:
    """One per server and stream; works in a thread and event loop of its own."""

    def __init__(self, open_consumer: Callable[[], BrokerConsumer], intake: Intake, clock: Clock, address: str) -> None:
        """Args: address: of the broker, to be shown, without secrets."""
        self._open_consumer = open_consumer
        self._intake = intake
        self._clock = clock
        self._status = BrokerStatus(address)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="broker", daemon=True)

    @property
    def status(self) -> BrokerStatus:
        """As it is now; changed by the feed's own thread only."""
        return self._status

    def start(self) -> None:
        """Begin in the background; a broker that is away is waited for."""
        self._thread.start()

    def close(self) -> None:
        """Take nothing more, wait for what is being stored, acknowledge it and end."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    async def _run(self) -> None:
        receipts = Receipts(self._intake)
        pause_s = FIRST_PAUSE_S
        while not self._closing.is_set():
            consumer = self._open_consumer()
            try:
                await consumer.connect()
                self._note(connected=True)
                pause_s = FIRST_PAUSE_S
                await self._consume(consumer, receipts)
            except Exception as error:  # the thread's border: the stream is tried again, and the page says why
                if await _interpreter_ends():
                    return
                if isinstance(error, BrokerUnavailableError):
                    self._fail(str(error))
                else:
                    _log.exception("Reading from the broker failed unforeseen.")
                    self._fail(f"{type(error).__name__}: {error}")
            finally:
                await consumer.close()
                self._note(connected=False)
            await self._pause(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    async def _pause(self, pause_s: float) -> None:
        """Without a thread, which the end of an interpreter would wait for; shorter where the feed is closed."""
        until = asyncio.get_running_loop().time() + pause_s
        while not self._closing.is_set() and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(min(LOOK_UP_S, pause_s))

    async def _consume(self, consumer: BrokerConsumer, receipts: Receipts) -> None:
        """Until the end or the broker's; fetching goes on while earlier messages are being committed."""
        loop = asyncio.get_running_loop()
        tasks: set[asyncio.Task[None]] = set()
        look_at = 0.0
        try:
            while not self._closing.is_set():
                if loop.time() >= look_at:
                    self._note(lag=await consumer.lag())
                    look_at = loop.time() + LAG_EVERY_S
                deliveries = await consumer.fetch(FETCH_WAIT_S)
                if deliveries:
                    task = loop.create_task(self._take(deliveries, receipts))
                    tasks.add(task)
                    task.add_done_callback(tasks.discard)
        finally:
            if tasks:
                await asyncio.wait(tasks, timeout=END_WITHIN_S)

    async def _take(self, deliveries: Sequence[Delivery], receipts: Receipts) -> None:
        """Submit all and answer each as its commit says; what cannot be stored now is tried again until it can."""
        waiting = list(deliveries)
        for attempt in count(1):
            submitted = [(delivery, _submit(receipts, _posts(delivery))) for delivery in waiting]
            waiting = []
            for delivery, futures in submitted:
                with suppress(BrokerUnavailableError):  # it comes again, and finds its events stored
                    if not await self._answer(delivery, await _outcome(futures), receipts, attempt):
                        await delivery.working()
                        waiting.append(delivery)
            if not waiting or self._closing.is_set():
                return
            await asyncio.sleep(RETRY_S)

    async def _answer(self, delivery: Delivery, outcome: Receipt | Exception, receipts: Receipts, attempt: int) -> bool:
        """Whether the message is done with."""
        if isinstance(outcome, Receipt):
            await self._settle(delivery, outcome)
            return True
        self._fail(str(outcome))
        if isinstance(outcome, OverloadedError | WarehouseWriteError) or attempt < MOST_ATTEMPTS:
            return False
        _log.error("A message could not be stored after %d tries: %r", attempt, outcome)
        reason = f"{type(outcome).__name__}: {outcome}"
        post = refused(delivery.data, reason, source=delivery.source, received_at=delivery.stored_at)
        kept = await _outcome(_submit(receipts, [post]))
        if isinstance(kept, Receipt):
            await self._settle(delivery, kept)
        return isinstance(kept, Receipt)

    async def _settle(self, delivery: Delivery, receipt: Receipt) -> None:
        before = self._status
        stored = receipt.added + receipt.duplicates
        self._note(
            events=before.events + receipt.added,
            duplicates=before.duplicates + receipt.duplicates,
            refused=before.refused + len(receipt.refusals),
            last_event_at=self._clock() if receipt.added else before.last_event_at,
        )
        await (delivery.refuse() if receipt.refusals and not stored else delivery.accept())

    def _fail(self, message: str) -> None:
        if message != self._status.last_error:
            _log.warning("Broker at %s: %s", self._status.address, message)
        self._note(last_error=message, last_error_at=self._clock())

    def _note(self, **changes: object) -> None:
        self._status = replace(self._status, **changes)  # type: ignore[arg-type]


async def _interpreter_ends() -> bool:
    """Whether the interpreter ends without having closed the feed: it starts no threads any more, so that no name can
    be looked up."""
    try:
        await asyncio.to_thread(int)
    except RuntimeError:
        return True
    return False


Submitted = list["asyncio.Future[Receipt]"] | Exception


def _posts(delivery: Delivery) -> list[Post]:
    return posts_of(delivery.data, source=delivery.source, received_at=delivery.stored_at)


def _submit(receipts: Receipts, posts: Sequence[Post]) -> Submitted:
    """The posts' futures, or why not all of them were let in; those that were are stored, and come again once more."""
    try:
        return [receipts.submit(post) for post in posts]
    except (OverloadedError, WarehouseWriteError) as error:
        return error


async def _outcome(submitted: Submitted) -> Receipt | Exception:
    """What became of all posts of a message together, or the first error."""
    if isinstance(submitted, Exception):
        return submitted
    done = await asyncio.gather(*submitted, return_exceptions=True)
    receipts: list[Receipt] = []
    for outcome in done:
        if isinstance(outcome, Exception):
            return outcome
        if isinstance(outcome, Receipt):
            receipts.append(outcome)
    refusals = tuple(refusal for receipt in receipts for refusal in receipt.refusals)
    return Receipt(sum(r.added for r in receipts), sum(r.duplicates for r in receipts), refusals)
