"""The stream of intent changes over a real socket: order, filters, resuming, heartbeats, slow consumers, its end."""

import http.client
import json
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from app.api import stream, streams
from app.api.application import create_api
from app.api.streams import Streams
from app.context import AppContext
from core.realtime.intent_update import IntentUpdate
from core.realtime.update_filter import UpdateFilter
from core.realtime.updates import Updates
from tests import coroutines
from tests.app.api.process import ServerProcess
from tests.app.api.test_error_shape import assert_error_shape
from tests.clients.conftest import Collector, collector

__all__ = ["collector"]

AT = datetime(2026, 5, 4, 10, 0)


def update(visitor: str, intent: str, previous: str | None = None, score: float = 0.8) -> IntentUpdate:
    return IntentUpdate(
        visitor_id=visitor,
        session_id="s-1",
        event_id=f"{visitor}-{intent}",
        event_type="view",
        occurred_at=AT,
        model_version="tiny",
        intents=((intent, score), ("other", 1 - score)),
        previous=previous,
    )


@dataclass
class Event:
    id: str
    kind: str
    data: Any


class Consumer:
    """Reads a stream as a browser's EventSource does."""

    def __init__(self, url: str, query: str = "", **headers: str) -> None:
        self._connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
        self._connection.request("GET", f"/v1/stream{query}", headers=headers)
        self.answer = self._connection.getresponse()

    def lines(self) -> Iterator[str]:
        while line := self.answer.readline():
            yield line.decode().rstrip("\n")

    def next(self) -> Event:
        event = Event("", "message", None)
        for line in self.lines():
            name, _, value = line.partition(": ")
            if name == "id":
                event.id = value
            elif name == "event":
                event.kind = value
            elif name == "data":
                event.data = json.loads(value)
            elif not line and event.data is not None:
                return event
        raise EOFError

    def close(self) -> None:
        self.answer.close()
        self._connection.close()


def _streams(collector: Collector) -> Streams:
    return collector.streams


def _wait_for_streams(collector: Collector, number: int) -> None:
    deadline = time.monotonic() + 30
    while len(_streams(collector)) != number and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(_streams(collector)) == number


def test_changes_are_told_in_their_order_to_every_consumer(collector: Collector) -> None:
    consumers = [Consumer(collector.url) for _ in range(3)]
    collector.app_context.updates.publish([update("a", "browse"), update("b", "browse", "browse")])
    collector.app_context.updates.publish([update("a", "purchase", "browse")])
    for consumer in consumers:
        assert consumer.answer.headers["content-type"] == "text/event-stream; charset=utf-8"
        first, second = consumer.next(), consumer.next()
        assert (first.kind, first.data["visitor_id"], first.data["intent"]) == ("intent", "a", "browse")
        assert (second.data["intent"], second.data["previous"], second.data["sequence"]) == ("purchase", "browse", 3)
        assert second.id == f"{collector.app_context.updates.run_id}-3"
        consumer.close()
    _wait_for_streams(collector, 0)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?events=all", [1, 2, 3, 4]),
        ("", [1, 3, 4]),
        ("?intent=purchase", [3, 4]),
        ("?intent=purchase&intent=browse", [1, 3, 4]),
        ("?visitor_id=b", [4]),
        ("?previous=browse", [3]),
        ("?min_score=0.85", [4]),
    ],
)
def test_the_query_filters(query: str, expected: list[int], collector: Collector) -> None:
    consumer = Consumer(collector.url, query)
    collector.app_context.updates.publish(
        [
            update("a", "browse"),
            update("a", "browse", "browse"),
            update("a", "purchase", "browse"),
            update("b", "purchase", score=0.9),
        ]
    )
    assert [consumer.next().data["sequence"] for _ in expected] == expected
    consumer.close()


def test_a_consumer_that_comes_back_gets_what_it_missed_and_no_more(collector: Collector) -> None:
    updates = collector.app_context.updates
    updates.publish([update(f"v{number}", "browse") for number in range(5)])
    for options in ({"Last-Event-ID": f"{updates.run_id}-3"}, {}):
        query = "" if options else f"?last_event_id={updates.run_id}-3"
        consumer = Consumer(collector.url, query, **options)
        assert [consumer.next().data["sequence"] for _ in range(2)] == [4, 5]
        consumer.close()


def test_it_is_told_how_much_is_no_longer_kept(collector: Collector) -> None:
    updates = Updates(kept=3)
    _streams(collector).updates = updates
    updates.publish([update(f"v{number}", "browse") for number in range(10)])
    consumer = Consumer(collector.url, **{"Last-Event-ID": f"{updates.run_id}-2"})
    missed = consumer.next()
    assert (missed.kind, missed.data) == ("missed", {"updates": 5, "reason": "away_too_long"})
    assert consumer.next().data["sequence"] == 8
    consumer.close()


@pytest.mark.parametrize("last", ["0a0b0c0d-700", "nonsense", "5f-", "-1", "0a0b0c0d-²"])
def test_it_is_told_that_the_server_began_anew(last: str, collector: Collector) -> None:
    collector.app_context.updates.publish([update("a", "browse")])
    consumer = Consumer(collector.url, f"?last_event_id={quote(last)}")
    assert consumer.next().data == {"updates": None, "reason": "server_restarted"}
    assert consumer.next().data["sequence"] == 1
    consumer.close()


def test_silence_is_kept_alive_by_comments(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_S", 0.05)
    consumer = Consumer(collector.url)
    lines = [line for line, _ in zip(consumer.lines(), range(9), strict=False)]
    here = f"id: {collector.app_context.updates.run_id}-0"
    assert lines == ["retry: 2000", here, "", ": still here", here, "", ": still here", here, ""]
    consumer.close()


def test_a_slow_consumer_holds_a_bounded_number_and_is_told_what_it_lost(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "MOST_WAITING", 50)
    consumer = Consumer(collector.url)
    number = 60_000  # some 20 MB, more than sockets hold
    for begin in range(0, number, 1000):
        collector.app_context.updates.publish([update(f"v{begin + place}", "browse") for place in range(1000)])
        time.sleep(0.001)
    lost, sequences = 0, []
    while not sequences or sequences[-1] < number:
        event = consumer.next()
        if event.kind == "missed":
            assert event.data["reason"] == "slow_consumer"
            lost += event.data["updates"]
        else:
            sequences.append(event.data["sequence"])
    assert sequences == sorted(set(sequences))
    assert lost == number - len(sequences) > 0
    consumer.close()


def test_streams_are_bounded_in_number(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MOST_STREAMS", 0)
    assert_error_shape(client.get("/v1/stream"), 503)


@pytest.mark.parametrize(
    "query", ["events=some", "min_score=2", "min_score=nan", "intent=", "previous=" + "x" * 251, "visitor_id=a&" * 51]
)
def test_an_unusable_query_is_named(query: str, client: TestClient) -> None:
    assert_error_shape(client.get(f"/v1/stream?{query}"), 400)


def test_the_stream_needs_the_api_key_where_one_is_set(app_context: AppContext) -> None:
    closed = replace(app_context, settings=replace(app_context.settings, api_key="secret"))
    with TestClient(create_api(closed)) as client:
        assert_error_shape(client.get("/v1/stream"), 401)


def test_the_loop_is_woken_once_for_what_arrives_together(monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    async def publish_from_a_thread() -> tuple[int, int]:
        updates = Updates()
        opened = Streams(updates)
        subscription = opened.open(UpdateFilter())
        loop, calls = asyncio.get_running_loop(), []
        wake = loop.call_soon_threadsafe
        monkeypatch.setattr(loop, "call_soon_threadsafe", lambda *work: (calls.append(1), wake(*work)))
        publisher = threading.Thread(
            target=lambda: [updates.publish([update(f"{n}-{m}", "browse") for m in range(50)]) for n in range(20)]
        )
        publisher.start()
        publisher.join()  # the loop is held up, as by a long answer
        _, taken = await subscription.take(5)
        return len(calls), len(taken)

    assert coroutines.run(publish_from_a_thread()) == (1, 1000)


@pytest.mark.fault
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_server_ends_at_once_with_streams_open(number: int, tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "home").start()
    consumers = [Consumer(server.url) for _ in range(3)]
    started = time.monotonic()
    server.end(number)
    assert time.monotonic() - started < 10
    for consumer in consumers:
        with pytest.raises(EOFError):
            consumer.next()
        consumer.close()
