"""Bodies as the protocols document them: browsers' beacons, GA4's Measurement Protocol, PostHog's older routes."""

import json
import urllib.request
from datetime import datetime, timedelta
from typing import Any

import pytest

from core.collect.write_keys import create_write_key
from core.store.person_queries import person_visitors
from core.store.rejected_queries import list_rejected
from tests.clients.conftest import Collector

SHOP = "https://shop.example"


def _post(url: str, body: Any, *, kind: str = "application/json", **headers: str) -> tuple[int, dict[str, str], bytes]:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": kind, "Origin": SHOP} | headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, {name.lower(): value for name, value in error.headers.items()}, error.read()


def test_a_beacon_of_a_page_that_closes_needs_no_preflight_and_no_header(collector: Collector) -> None:
    _, secret = create_write_key(collector.app_context.settings.home, "web", now=collector.app_context.clock())
    track = {"type": "track", "event": "Product Viewed", "anonymousId": "v-1", "messageId": "ajs-1"}
    status, headers, _ = _post(f"{collector.url}/v1/t", track | {"writeKey": secret}, kind="text/plain;charset=UTF-8")
    assert (status, headers["access-control-allow-origin"]) == (200, "*")
    batch = {"batch": [track | {"messageId": "ajs-2"}], "writeKey": secret, "sentAt": "2026-05-04T10:00:00.000Z"}
    assert _post(f"{collector.url}/v1/b", batch, kind="text/plain")[0] == 200
    assert set(collector.wait_for_events(2)["source"]) == {"web"}


def test_a_preflight_allows_what_browsers_libraries_send(collector: Collector) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    request = urllib.request.Request(f"{collector.url}/v1/t", headers={"Origin": SHOP} | asked, method="OPTIONS")
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert answer.status == 200
        allowed = answer.headers["Access-Control-Allow-Headers"].lower()
    assert "authorization" in allowed
    assert "content-type" in allowed


def test_ga4_events_get_their_columns_and_the_answer_the_protocol_promises(collector: Collector) -> None:
    _, secret = create_write_key(collector.app_context.settings.home, "tags", now=collector.app_context.clock())
    at = datetime(2026, 5, 4, 10, 0)
    item = {"item_id": "sku-7", "item_name": "Kettle", "item_brand": "Aya", "item_category": "Kitchen", "price": 39.5}
    body = {
        "client_id": "123456.7654321",
        "user_id": "ada",
        "timestamp_micros": int((at - datetime(1970, 1, 1)) / timedelta(microseconds=1)),
        "events": [
            {"name": "view_item", "params": {"session_id": "99", "currency": "EUR", "value": 39.5, "items": [item]}},
            {
                "name": "purchase",
                "params": {"session_id": "99", "transaction_id": "T-1", "value": 79.0, "items": [item]},
            },
            {"name": "search", "params": {"search_term": "kettle", "engagement_time_msec": "100"}},
        ],
    }
    status, _, said = _post(f"{collector.url}/mp/collect?measurement_id=G-1&api_secret={secret}", body)
    assert (status, said) == (204, b"")
    events = collector.wait_for_events(3).set_index("event_name")
    assert set(events["occurred_at"]) == {at}
    viewed, bought = events.loc["view_item"], events.loc["purchase"]
    assert [viewed[name] for name in ("event_type", "item_id", "brand", "price")] == ["view", "sku-7", "Aya", 39.5]
    assert [viewed[name] for name in ("category", "session_id")] == ["Kitchen", "123456.7654321.99"]
    assert [bought[name] for name in ("event_type", "order_id", "price")] == ["purchase", "T-1", 79.0]
    assert events.loc["search", "query"] == "kettle"
    assert set(events["source"]) == {"tags"}
    assert person_visitors(collector.app_context.warehouse, "ada") == ["123456.7654321", "ada"]


def test_ga4_names_bad_events_on_its_debug_address_and_keeps_them(collector: Collector) -> None:
    body = {"client_id": "1.2", "events": [{"params": {}}, {"name": "page_view"}]}
    status, _, said = _post(f"{collector.url}/debug/mp/collect?measurement_id=G-1&api_secret=any", body)
    answer = json.loads(said)
    assert (status, answer["added"]) == (200, 1)
    assert [(refused["index"], refused["field"]) for refused in answer["rejected"]] == [(0, "name")]
    assert list_rejected(collector.app_context.warehouse)["source"].tolist() == ["ga4"]


@pytest.mark.parametrize("path", ["/capture/", "/e/", "/i/v0/e/", "/batch", "/track/"])
def test_posthog_routes_take_one_event_a_list_or_a_batch(path: str, collector: Collector) -> None:
    event = {"event": "Product Viewed", "distinct_id": "v-1", "properties": {"product_id": "sku-7"}}
    bodies = [
        event | {"api_key": "any", "uuid": "a"},
        [event | {"uuid": "b", "properties": {"token": "any", "$insert_id": "b", "distinct_id": "v-1"}}],
        {"api_key": "any", "batch": [event | {"uuid": "c"}, event | {"uuid": "a"}]},
    ]
    for body in bodies:
        status, _, said = _post(collector.url + path, body)
        assert (status, json.loads(said)["status"]) == (200, 1)
    assert collector.wait_for_events(3)["event_id"].tolist() == ["a", "b", "c"]


def test_a_clock_that_is_wrong_by_hours_is_corrected_by_sent_at(collector: Collector) -> None:
    now = collector.app_context.clock()
    sent = now + timedelta(hours=5)  # the client's clock is five hours ahead

    def message(name: str, minutes: int) -> dict[str, Any]:
        at = sent - timedelta(minutes=minutes)
        return {"type": "track", "event": name, "userId": "u", "messageId": name, "timestamp": at.isoformat() + "Z"}

    body = {"batch": [message("later", 1), message("earlier", 10)], "sentAt": sent.isoformat() + "Z"}
    assert _post(f"{collector.url}/v1/batch", body)[0] == 200
    events = collector.wait_for_events(2)
    assert events["event_name"].tolist() == ["earlier", "later"]
    lag = [(now - at).total_seconds() for at in events["occurred_at"]]
    assert abs(lag[0] - 600) < 10
    assert abs(lag[1] - 60) < 10


def test_late_events_join_their_session_and_the_far_future_is_refused(collector: Collector) -> None:
    def message(event_id: str, minutes: int) -> dict[str, Any]:
        at = datetime(2026, 5, 4, 10, 0) + timedelta(minutes=minutes)
        return {"type": "track", "event": "Product Viewed", "userId": "u", "messageId": event_id} | {
            "timestamp": at.isoformat() + "Z"
        }

    for event_id, minutes in (("a", 0), ("c", 40), ("b", 20)):  # b arrives last and joins the two
        _post(f"{collector.url}/v1/batch", {"batch": [message(event_id, minutes)]})
        collector.events()
    events = collector.wait_for_events(3)
    assert events["event_id"].tolist() == ["a", "b", "c"]
    assert events["session_id"].nunique() == 1
    far = (collector.app_context.clock() + timedelta(days=3)).isoformat() + "Z"
    _, _, said = _post(f"{collector.url}/v1/batch", {"batch": [message("d", 0) | {"timestamp": far}]})
    assert json.loads(said)["rejected"][0]["code"] == "impossible_time"
