"""posthog from PyPI as it is, only the host changed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from posthog import Posthog

from core.collect.write_keys import create_write_key
from core.store.person_queries import person_visitors
from tests.clients.conftest import Collector


def _client(url: str, key: str = "any", **more: Any) -> Posthog:
    return Posthog(key, host=url, flush_interval=0.05, **more)


@pytest.mark.parametrize("gzip", [False, True], ids=["plain", "gzip"])
def test_every_kind_of_call_arrives_once_with_its_fields(gzip: bool, collector: Collector) -> None:
    client = _client(collector.url, gzip=gzip)
    at = datetime.now(UTC) - timedelta(hours=2)
    product = {"product_id": "sku-7", "price": 39.5, "$session_id": "session-1", "$device_type": "Mobile"}
    client.capture("Product Viewed", distinct_id="anonymous-1", properties=product, timestamp=at)
    client.capture("$pageview", distinct_id="anonymous-1", properties={"title": "Home", "$current_url": "https://s/"})
    client.capture("$identify", distinct_id="ada", properties={"$anon_distinct_id": "anonymous-1"})
    client.alias("anonymous-2", "ada")
    client.group_identify("team", "team-1", {"name": "Analysts"})
    client.set(distinct_id="ada", properties={"plan": "gold"})
    client.shutdown()
    events = collector.wait_for_events(6).set_index("event_name")
    viewed = events.loc["Product Viewed"]
    expected = {"event_type": "view", "visitor_id": "anonymous-1", "item_id": "sku-7", "session_id": "session-1"}
    assert {name: viewed[name] for name in expected} == expected
    assert (viewed["price"], viewed["device"], viewed["source"]) == (39.5, "mobile", "posthog")
    assert abs((viewed["occurred_at"].to_pydatetime() - at.replace(tzinfo=None)).total_seconds()) < 2
    assert events.loc["$pageview", ["event_type", "text"]].tolist() == ["page", "Home"]
    assert person_visitors(collector.app_context.warehouse, "anonymous-2") == ["ada", "anonymous-1", "anonymous-2"]


def test_hundreds_of_captures_arrive_in_batches_by_the_write_key(collector: Collector) -> None:
    _, secret = create_write_key(collector.app_context.settings.home, "app", now=collector.app_context.clock())
    client = _client(collector.url, secret, gzip=True, flush_at=50)
    for number in range(300):
        client.capture("Product Viewed", distinct_id=f"v-{number % 9}", properties={"product_id": f"sku-{number}"})
    client.shutdown()
    events = collector.wait_for_events(300)
    assert events["item_id"].is_unique
    assert set(events["source"]) == {"app"}


def test_captures_beyond_the_rate_are_sent_again(collector: Collector) -> None:
    home = collector.app_context.settings.home
    _, secret = create_write_key(home, "app", now=collector.app_context.clock(), events_per_second=20)
    client = _client(collector.url, secret, flush_at=20, max_retries=10)
    for number in range(60):
        client.capture("Product Viewed", distinct_id="v-1", properties={"product_id": f"sku-{number}"})
    client.shutdown()
    assert collector.wait_for_events(60)["item_id"].is_unique
