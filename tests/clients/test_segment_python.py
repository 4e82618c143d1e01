"""segment-analytics-python and rudder-sdk-python as they are, only the host changed."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rudderstack.analytics.client import Client as RudderClient
from segment.analytics.client import Client as SegmentClient

from app.api import collect
from core.collect.write_keys import create_write_key
from core.store.person_queries import person_visitors
from tests.clients.conftest import Collector

MakeClient = Callable[..., Any]


def _segment(url: str, key: str = "any", **more: Any) -> Any:
    return SegmentClient(key, host=url, upload_interval=0.05, **more)


def _rudder(url: str, key: str = "any", **more: Any) -> Any:
    return RudderClient(key, host=url, upload_interval=0.05, **more)


CLIENTS = [pytest.param(_segment, id="segment"), pytest.param(_rudder, id="rudder")]


@pytest.mark.parametrize("gzip", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("make", CLIENTS)
def test_every_kind_of_call_arrives_once_with_its_fields(make: MakeClient, gzip: bool, collector: Collector) -> None:
    client = make(collector.url, gzip=gzip)
    at = datetime.now(UTC) - timedelta(hours=3)
    product = {"product_id": "sku-7", "name": "Kettle 水壶", "price": 39.5, "currency": "EUR", "quantity": 2}
    client.track(anonymous_id="anonymous-1", event="Product Added", properties=product, timestamp=at)
    client.page(anonymous_id="anonymous-1", category="shop", name="Home", properties={"title": "Welcome"})
    client.screen(anonymous_id="anonymous-1", category="app", name="Basket")
    client.identify("ada", anonymous_id="anonymous-1", traits={"email": "ada@shop.example"})
    client.group("ada", "team-1", traits={"name": "Analysts"})
    client.alias("older-ada", "ada")
    client.shutdown()
    events = collector.wait_for_events(6).set_index("event_name")
    added = events.loc["Product Added"]
    expected = {"event_type": "add_to_cart", "visitor_id": "anonymous-1", "item_id": "sku-7", "price": 39.5}
    assert {name: added[name] for name in expected} == expected
    assert (added["currency"], added["quantity"], added["source"]) == ("EUR", 2.0, "segment")
    assert abs((added["occurred_at"].to_pydatetime() - at.replace(tzinfo=None)).total_seconds()) < 2
    assert events.loc["page", ["event_type", "text"]].tolist() == ["page", "Welcome"]
    assert events.loc["screen", ["event_type", "text"]].tolist() == ["page", "Basket"]
    assert events.loc["identify", "user_id"] == "ada"
    assert events.loc["group", "event_type"] == "other"
    assert person_visitors(collector.app_context.warehouse, "ada") == ["ada", "anonymous-1", "older-ada"]


@pytest.mark.parametrize("make", CLIENTS)
def test_hundreds_of_calls_arrive_in_batches_each_once(make: MakeClient, collector: Collector) -> None:
    client = make(collector.url, gzip=True, upload_size=50)
    for number in range(300):
        client.track(f"user-{number % 9}", "Product Viewed", {"product_id": f"sku-{number}"})
    client.shutdown()
    events = collector.wait_for_events(300)
    assert sorted(events["item_id"]) == sorted(f"sku-{number}" for number in range(300))
    assert events["session_id"].notna().all()


@pytest.mark.parametrize("make", CLIENTS)
def test_a_client_that_is_told_503_sends_again_and_nothing_is_doubled(
    make: MakeClient, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collect, "ANSWER_WITHIN_S", 0.3)
    hold = threading.Event()
    collector.app_context.warehouse.submit(lambda _: hold.wait(20))
    client = make(collector.url)
    for number in range(5):
        client.track("ada", "Product Viewed", {"product_id": f"sku-{number}"})
    threading.Timer(1.0, hold.set).start()
    client.shutdown()
    assert sorted(collector.wait_for_events(5)["item_id"]) == [f"sku-{number}" for number in range(5)]


@pytest.mark.parametrize("make", CLIENTS)
def test_a_client_that_is_told_429_sends_again_until_all_is_there(make: MakeClient, collector: Collector) -> None:
    home = collector.app_context.settings.home
    _, secret = create_write_key(home, "web shop", now=collector.app_context.clock(), events_per_second=20)
    client = make(collector.url, secret, upload_size=20)
    for number in range(80):
        client.track("ada", "Product Viewed", {"product_id": f"sku-{number}"})
    client.shutdown()
    events = collector.wait_for_events(80)
    assert set(events["source"]) == {"web shop"}
    assert events["item_id"].is_unique


def test_a_revoked_key_is_refused_and_the_client_gives_up(collector: Collector) -> None:
    from core.collect.write_keys import revoke_write_key

    home = collector.app_context.settings.home
    key, secret = create_write_key(home, "old shop", now=collector.app_context.clock())
    revoke_write_key(home, key.key_id, now=collector.app_context.clock())
    errors: list[Exception] = []
    client = _segment(collector.url, secret, on_error=lambda error, _: errors.append(error))
    client.track("ada", "Product Viewed")
    client.shutdown()
    assert "401" in str(errors[0])
    collector.wait_for_events(0)
