"""Collecting Segment's messages: durable, once, and each refused one named."""

import base64
import gzip
import json
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from app.api.application import create_api
from app.api.body import MAX_BODY_BYTES, MAX_JSON_BYTES
from app.context import AppContext
from core.settings import Settings
from core.store.event_queries import visitor_events
from core.store.frames import read_value
from core.store.item_queries import items
from core.store.rejected_queries import list_rejected
from tests.app.api.messages import viewed


def test_a_tracked_event_is_stored_with_its_product(client: TestClient, app_context: AppContext) -> None:
    answer = client.post("/v1/track", json=viewed(1))
    assert (answer.status_code, answer.json()["added"]) == (200, 1)
    events = visitor_events(app_context.warehouse, "v-1")
    assert events[["event_id", "event_type", "item_id", "title"]].values.tolist() == [
        ["m-1", "view", "sku-1", "Walking shoes"]
    ]
    assert items(app_context.warehouse, ["sku-1"])["price"].tolist() == [59.9]


def test_a_batch_sent_twice_is_stored_once(client: TestClient, app_context: AppContext) -> None:
    body = {"batch": [viewed(number) for number in range(20)], "sentAt": "2026-05-04T10:00:01.000Z"}
    first, second = client.post("/v1/batch", json=body).json(), client.post("/v1/batch", json=body).json()
    assert (first["added"], first["duplicates"]) == (20, 0)
    assert (second["added"], second["duplicates"]) == (0, 20)
    assert _stored(app_context) == 20


def test_a_gzipped_batch_is_understood(client: TestClient) -> None:
    body = gzip.compress(json.dumps({"batch": [viewed(1), viewed(2)]}).encode())
    answer = client.post("/v1/batch", content=body, headers={"Content-Encoding": "gzip"})
    assert answer.json()["added"] == 2


def test_a_bad_message_is_refused_alone_named_and_kept(client: TestClient, app_context: AppContext) -> None:
    nobody = viewed(2)
    del nobody["anonymousId"]
    answer = client.post("/v1/batch", json={"batch": [viewed(1), nobody, "text", {"type": "dance"}, viewed(3)]})
    assert answer.status_code == 200
    assert answer.json()["added"] == 2
    assert sorted(refused["index"] for refused in answer.json()["rejected"]) == [1, 2, 3]
    assert all(refused["code"] and refused["message"] for refused in answer.json()["rejected"])
    kept = list_rejected(app_context.warehouse, None, 10, 0)
    assert sorted(kept["row_number"]) == [2, 3, 4]
    assert kept["reason"].notna().all()


def test_a_single_refused_message_is_an_error_of_the_one_shape(client: TestClient) -> None:
    answer = client.post("/v1/track", json={"event": "Product Viewed", "properties": {}})
    assert answer.status_code == 400
    assert set(answer.json()["error"]) >= {"code", "message"}


@pytest.mark.parametrize("kind", ["identify", "alias", "group", "page", "screen"])
def test_every_kind_of_message_is_recorded(kind: str, client: TestClient, app_context: AppContext) -> None:
    body = {
        "anonymousId": "v-9",
        "userId": "u-9",
        "previousId": "v-9",
        "groupId": "g",
        "messageId": "k",
        "name": "Home",
    }
    answer = client.post(f"/v1/{kind}", json=body)
    assert answer.status_code == 200, answer.text
    assert _stored(app_context) == 1


def test_bodies_too_large_are_refused_before_they_are_read_whole(client: TestClient) -> None:
    assert client.post("/v1/track", content=b"x" * (MAX_BODY_BYTES + 1)).status_code == 413
    bomb = gzip.compress(b" " * (MAX_JSON_BYTES + 1))
    answer = client.post("/v1/track", content=bomb, headers={"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")


def test_a_shop_page_of_another_origin_may_send_but_not_read_intents(client: TestClient) -> None:
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    assert client.options("/v1/track", headers=asked).headers["access-control-allow-origin"] == "*"
    answer = client.post("/v1/track", json=viewed(1), headers={"Origin": "https://shop.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    reading = client.get("/v1/visitors/v-1/intent", headers={"Origin": "https://shop.example"})
    assert "access-control-allow-origin" not in reading.headers


def _stored(app_context: AppContext) -> int:
    return int(read_value(app_context.warehouse, "SELECT count(*) FROM events"))


def _basic(user: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:".encode()).decode()}


@pytest.mark.parametrize(
    "headers",
    [{"X-API-Key": "right"}, {"Authorization": "Bearer right"}, _basic("right")],
    ids=["own", "bearer", "basic"],
)
def test_the_key_opens_the_door_in_each_of_its_three_places(headers, app_context, settings: Settings) -> None:
    with _client_with_key(app_context, settings) as client:
        assert client.post("/v1/track", json=viewed(1), headers=headers).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"X-API-Key": "wrong"}, {"Authorization": "Basic §"}, _basic("")])
@pytest.mark.parametrize("path", ["/v1/track", "/v1/batch", "/v1/intent", "/v1/visitors/v-1/intent"])
def test_without_the_key_nothing_is_written_or_read(path, headers, app_context, settings: Settings) -> None:
    method = "GET" if path.startswith("/v1/visitors") else "POST"
    sent = {name: value.encode() for name, value in headers.items()}
    with _client_with_key(app_context, settings) as client:
        answer = client.request(method, path, headers=sent)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorized")
    assert _stored(app_context) == 0


def _client_with_key(app_context: AppContext, settings: Settings) -> TestClient:
    with_key = replace(app_context, settings=replace(settings, api_key="right"))
    return TestClient(create_api(with_key), raise_server_exceptions=False)
