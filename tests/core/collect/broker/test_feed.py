"""From a real NATS server into the warehouse: every dialect, bad messages, restarts, bounds, and a clean end."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from core.clock import utc_now
from core.collect import intake as intake_module
from core.collect.broker import jetstream as jetstream_module
from core.collect.broker.feed import BrokerFeed
from core.collect.broker.opening import open_feed, shown_address
from core.collect.fates import Fates
from core.collect.intake import Intake
from core.errors import MissingPackageError
from core.settings import Settings
from core.store.commit_log import CommitLog
from core.store.frames import read_rows, read_value
from core.store.warehouse import Warehouse
from tests.app.api.messages import viewed
from tests.core.collect.broker.nats_server import NatsServer, wait_until


def _stored(warehouse: Warehouse) -> int:
    return int(read_value(warehouse, "SELECT count(*) FROM events"))


def _wait_for(warehouse: Warehouse, events: int) -> None:
    wait_until(lambda: _stored(warehouse) == events, f"{events} events")


def _wait_until_acknowledged(nats_server: NatsServer) -> None:
    """By the broker's own word: the feed looks at its lag now and then only, and counts before it acknowledges."""

    async def lag(jetstream: Any) -> int:
        about = await jetstream.consumer_info("INTENTLENS", "intentlens")
        return int(about.num_pending + about.num_ack_pending)

    wait_until(lambda: nats_server.call(lag) == 0, "everything acknowledged")


def test_messages_of_every_dialect_become_events(
    nats_server: NatsServer, feed: BrokerFeed, warehouse: Warehouse
) -> None:
    feed.start()
    wait_until(lambda: feed.status.connected, "connected")
    at = "2026-05-04T10:00:00Z"
    posthog = {"event": "product viewed", "distinct_id": "p-1", "timestamp": at, "uuid": "ph-1"}
    ga4 = {"client_id": "g-1", "events": [{"name": "view_item", "params": {"currency": "EUR"}}]}
    ours = {"event_id": "own-1", "visitor_id": "o-1", "event_type": "search", "query": "shoes", "occurred_at": at}
    nats_server.publish(
        [viewed(1), {"batch": [viewed(2), viewed(3)]}, posthog, ga4, ours, [ours | {"event_id": "own-2"}]]
    )
    nats_server.publish([viewed(4)], headers={"Source": "app"})
    _wait_for(warehouse, 8)
    rows = read_rows(warehouse, "SELECT source, count(*) FROM events GROUP BY source ORDER BY source")
    assert rows == [("app", 1), ("ga4", 1), ("intentlens", 2), ("posthog", 1), ("segment", 3)]
    _wait_until_acknowledged(nats_server)
    assert (feed.status.events, feed.status.refused, feed.status.last_error) == (8, 0, None)


def test_a_message_that_comes_twice_counts_once(
    nats_server: NatsServer, feed: BrokerFeed, warehouse: Warehouse, intake: Intake
) -> None:
    nats_server.make_stream()
    nats_server.publish([viewed(1), viewed(1), viewed(2)])
    feed.start()
    _wait_for(warehouse, 2)
    wait_until(lambda: feed.status.duplicates == 1, "the duplicate")
    assert intake.fates == {"segment": Fates(2, 1, 0)}


def test_bad_messages_are_kept_with_their_reason_and_block_nothing(
    nats_server: NatsServer, feed: BrokerFeed, warehouse: Warehouse
) -> None:
    nats_server.make_stream()
    half_bad = {"batch": [viewed(1), {"type": "track"}]}
    too_many = {"batch": [1] * 5001}
    nats_server.publish([b"{not json", b"\xff\xfe", 7, [], too_many, {"type": "dance"}, half_bad, viewed(2)])
    feed.start()
    _wait_for(warehouse, 2)
    _wait_until_acknowledged(nats_server)
    rejected = read_rows(warehouse, "SELECT reason, count(*) FROM rejected_events GROUP BY reason ORDER BY reason")
    assert rejected == [("invalid_event", 5), ("invalid_message", 2)]
    raw = read_value(warehouse, "SELECT raw FROM rejected_events WHERE raw LIKE '%{not json%'")
    assert "it is not JSON" in raw
    assert feed.status.refused == 7


def test_a_message_whose_cleaning_fails_unforeseen_is_refused_after_some_tries(
    nats_server: NatsServer, feed: BrokerFeed, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    true_collect = intake_module.collect

    def collect(posts: Any) -> Any:
        if any(isinstance(m, dict) and m.get("messageId") == "m-13" for post in posts for m in post.messages):
            raise ZeroDivisionError("poison")
        return true_collect(posts)

    monkeypatch.setattr(intake_module, "collect", collect)
    monkeypatch.setattr("core.collect.broker.feed.RETRY_S", 0.01)
    nats_server.make_stream()
    nats_server.publish([viewed(13), viewed(1)])
    feed.start()
    _wait_for(warehouse, 1)
    wait_until(lambda: feed.status.refused == 1, "the poisoned message")
    assert "poison" in read_value(warehouse, "SELECT raw FROM rejected_events")
    _wait_until_acknowledged(nats_server)


def test_a_full_intake_delays_messages_and_loses_none(
    nats_server: NatsServer, feed: BrokerFeed, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_module, "MOST_WAITING", 50)
    monkeypatch.setattr("core.collect.broker.feed.RETRY_S", 0.05)
    nats_server.make_stream()
    monkeypatch.setattr("core.collect.broker.feed.LAG_EVERY_S", 0.05)
    nats_server.publish([viewed(number) for number in range(150)])
    feed.start()
    _wait_for(warehouse, 150)
    wait_until(lambda: feed.status.lag == 0, "the feed knows that nothing waits")


def test_what_is_out_is_bounded_by_the_server(
    nats_server: NatsServer, feed: BrokerFeed, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jetstream_module, "MOST_IN_FLIGHT", 10)
    nats_server.make_stream()
    nats_server.publish([viewed(number) for number in range(100)])
    feed.start()
    _wait_for(warehouse, 100)
    about = nats_server.call(lambda jetstream: jetstream.consumer_info("INTENTLENS", "intentlens"))
    assert about.config.max_ack_pending == 10


def test_the_bytes_of_what_is_out_are_bounded_too(
    nats_server: NatsServer, feed: BrokerFeed, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jetstream_module, "MOST_BYTES", 1000)
    nats_server.make_stream()
    nats_server.publish([viewed(number) for number in range(50)])
    feed.start()
    _wait_for(warehouse, 50)
    _wait_until_acknowledged(nats_server)


def test_copies_of_what_is_being_stored_are_left_alone(
    nats_server: NatsServer, feed: BrokerFeed, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jetstream_module, "ACK_WAIT_S", 0.2)
    nats_server.make_stream()
    nats_server.publish([viewed(number) for number in range(20)])
    may_go_on, append = threading.Event(), CommitLog.append

    def append_late(log: CommitLog, payloads: Sequence[bytes]) -> int:
        may_go_on.wait(20)
        return append(log, payloads)

    monkeypatch.setattr(CommitLog, "append", append_late)
    feed.start()

    def deliveries() -> int:
        about = nats_server.call(lambda jetstream: jetstream.consumer_info("INTENTLENS", "intentlens"))
        return int(about.delivered.consumer_seq)

    wait_until(lambda: feed.status.connected and deliveries() >= 60, "each was given three times")
    may_go_on.set()
    _wait_for(warehouse, 20)
    _wait_until_acknowledged(nats_server)
    assert feed.status.events == 20
    assert feed.status.duplicates < 20  # of 40 copies or more


def test_a_server_killed_and_started_again_is_found_again(
    nats_server: NatsServer, feed: BrokerFeed, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jetstream_module, "ACK_WAIT_S", 2.0)  # acknowledgements that the server had not written down
    nats_server.make_stream()
    nats_server.publish([viewed(number) for number in range(50)])
    feed.start()
    _wait_for(warehouse, 50)
    nats_server.kill()
    wait_until(lambda: not feed.status.connected, "the loss was noticed")
    wait_until(lambda: feed.status.last_error is not None, "the loss was told")
    nats_server.start()
    nats_server.publish([viewed(number) for number in range(25, 75)])
    _wait_for(warehouse, 75)
    _wait_until_acknowledged(nats_server)


def test_the_place_in_the_stream_outlives_the_feed(
    nats_server: NatsServer, settings: Settings, feed: BrokerFeed, intake: Intake, warehouse: Warehouse
) -> None:
    feed.start()
    wait_until(lambda: feed.status.connected, "connected")
    nats_server.publish([viewed(number) for number in range(20)])
    _wait_for(warehouse, 20)
    feed.close()
    nats_server.publish([viewed(number) for number in range(20, 30)])
    second = open_feed(replace(settings, broker_url=nats_server.url), intake, utc_now)
    assert second is not None
    second.start()
    _wait_for(warehouse, 30)
    _wait_until_acknowledged(nats_server)  # counted message by message, after the commit that the query sees
    second.close()
    assert (second.status.events, second.status.duplicates) == (10, 0)


def test_a_second_reader_and_another_subject_are_refused_in_words(
    nats_server: NatsServer, settings: Settings, feed: BrokerFeed, intake: Intake
) -> None:
    feed.start()
    wait_until(lambda: feed.status.connected, "connected")
    for changes, words in (
        ({}, "Another server reads"),
        ({"broker_subject": "intentlens.shop"}, "expected 'intentlens.shop'"),
    ):
        other = open_feed(replace(settings, broker_url=nats_server.url, **changes), intake, utc_now)
        assert other is not None
        other.start()
        wait_until(lambda other=other, words=words: words in (other.status.last_error or ""), words)
        other.close()


def test_no_broker_is_opened_unless_configured(settings: Settings, intake: Intake) -> None:
    assert open_feed(settings, intake, utc_now) is None


def test_a_missing_client_is_told_with_the_command(
    settings: Settings, intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "core.collect.broker.jetstream", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'intentlens\[nats\]'"):
        open_feed(replace(settings, broker_url="nats://127.0.0.1:1"), intake, utc_now)


def test_secrets_of_an_address_are_not_shown() -> None:
    assert shown_address("nats://lin:secret@a:4222,tls://token@b:4222") == "nats://a:4222, tls://b:4222"
