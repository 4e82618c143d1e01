"""A broker and a server killed while events flow: what was published is in the warehouse, exactly once.

`INTENTLENS_KILLS=20` kills them more often than the suite has time for.
"""

import asyncio
import json
import os
import random
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path

import nats
import pytest
from nats.errors import Error as NatsError

from core.collect.broker import jetstream
from core.settings import Settings
from tests import coroutines
from tests.app.api.process import ServerProcess
from tests.core.collect.broker.nats_server import SUBJECT, NatsServer, wait_until
from tests.faults.collecting import assert_nothing_lost, messages

ROUNDS = int(os.environ.get("INTENTLENS_KILLS", "2"))


class Publisher(threading.Thread):
    """Publishes events until told to stop; what was not confirmed is published again under its own id."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.ending = threading.Event()
        self.confirmed: list[str] = []

    def run(self) -> None:
        coroutines.run(self._publish())

    async def _publish(self) -> None:
        while not self.ending.is_set():
            try:
                client = await nats.connect(self.url, allow_reconnect=False, error_cb=_ignore)
                stream = client.jetstream(timeout=1)
                while not self.ending.is_set():
                    number = len(self.confirmed)
                    [message] = messages(number % 50, [f"n-{number}"])
                    await stream.publish(SUBJECT, json.dumps(message).encode())
                    self.confirmed.append(f"n-{number}")
                    await asyncio.sleep(0.002)
                await client.close()
            except (NatsError, OSError, TimeoutError):
                await asyncio.sleep(0.05)


async def _ignore(_error: Exception) -> None:
    """A killed broker is what is tested."""


async def _make_consumer(settings: Settings) -> None:
    """Stream and consumer as the server makes them, but with a short wait for acknowledgements."""
    consumer = jetstream.JetStreamConsumer(settings)
    await consumer.connect()
    await consumer.close()


async def _lag(settings: Settings) -> int:
    client = await nats.connect(settings.broker_url)
    about = await client.jetstream().consumer_info(settings.broker_stream, settings.broker_consumer)
    await client.close()
    return int(about.num_pending + about.num_ack_pending)


@pytest.mark.fault
def test_every_published_event_is_stored_once_whoever_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(5)
    broker = NatsServer(tmp_path / "nats").start()
    settings = replace(Settings(), broker_url=broker.url)
    monkeypatch.setattr(jetstream, "ACK_WAIT_S", 3.0)
    coroutines.run(_make_consumer(settings))
    monkeypatch.setenv("INTENTLENS_BROKER_URL", broker.url)
    publisher = Publisher(broker.url)
    server = ServerProcess(tmp_path / "home").start()
    try:
        publisher.start()
        for _ in range(ROUNDS):
            time.sleep(chance.uniform(0.3, 0.8))
            server.end(signal.SIGKILL)
            server = ServerProcess(tmp_path / "home").start()
            time.sleep(chance.uniform(0.3, 0.8))
            broker.kill()
            broker.start()
        time.sleep(0.5)
        publisher.ending.set()
        publisher.join(20)
        wait_until(lambda: coroutines.run(_lag(settings)) == 0, "everything acknowledged", 60)
        assert server.end(signal.SIGTERM) in {0, -signal.SIGTERM}
    finally:
        publisher.ending.set()
        server.end(signal.SIGKILL)
        broker.kill()
    assert len(publisher.confirmed) > ROUNDS * 20
    assert_nothing_lost(tmp_path / "home", publisher.confirmed)
