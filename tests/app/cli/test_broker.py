"""`intentlens broker` against a real NATS server."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.collect.broker.opening import jetstream_consumer
from core.settings import Settings
from tests import coroutines
from tests.app.api.messages import viewed
from tests.app.cli.calling import call, error_of, told
from tests.core.collect.broker.nats_server import NatsServer


@pytest.fixture
def nats_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[NatsServer]:
    server = NatsServer(tmp_path / "nats").start()
    monkeypatch.setenv("INTENTLENS_BROKER_URL", server.url)
    yield server
    server.kill()


def test_it_tells_how_much_waits(settings: Settings, nats_server: NatsServer) -> None:
    async def make() -> None:
        consumer = jetstream_consumer()(replace(settings, broker_url=nats_server.url))
        await consumer.connect()
        await consumer.close()

    coroutines.run(make())
    nats_server.publish([viewed(1), viewed(2)])
    found = told(call(settings.home, "broker", "--json"))
    assert found == {"stored": 2, "waiting": 2, "out": 0, "is_read": False}
    assert "2 wait" in call(settings.home, "broker").stdout


def test_a_stream_that_is_not_there_and_a_broker_that_is_away_are_told(
    settings: Settings, nats_server: NatsServer
) -> None:
    assert error_of(call(settings.home, "broker", "--json"))["code"] == "broker_unavailable"
    nats_server.kill()
    assert "No server answers" in error_of(call(settings.home, "broker", "--json"))["message"]


def test_without_a_broker_the_setting_is_named(settings: Settings) -> None:
    assert "broker_url" in error_of(call(settings.home, "broker", "--json"))["message"]


def test_another_kind_of_broker_is_refused(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTENTLENS_BROKER_URL", "kafka://127.0.0.1:9092")
    assert "expected one of nats://, tls://" in error_of(call(settings.home, "broker", "--json"))["message"]
