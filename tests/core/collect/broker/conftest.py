"""A NATS server and a feed from it into an empty warehouse."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.clock import utc_now
from core.collect.broker.feed import BrokerFeed
from core.collect.broker.opening import open_feed
from core.collect.intake import Intake
from core.settings import Settings
from core.store.warehouse import Warehouse
from tests.core.collect.broker.nats_server import NatsServer


@pytest.fixture
def nats_server(tmp_path: Path) -> Iterator[NatsServer]:
    server = NatsServer(tmp_path / "nats").start()
    yield server
    server.kill()


@pytest.fixture
def intake(warehouse: Warehouse) -> Iterator[Intake]:
    intake = Intake(warehouse)
    yield intake
    intake.close()


@pytest.fixture
def feed(settings: Settings, intake: Intake, nats_server: NatsServer) -> Iterator[BrokerFeed]:
    """Not started yet."""
    feed = open_feed(replace(settings, broker_url=nats_server.url), intake, utc_now)
    assert feed is not None
    yield feed
    feed.close()
