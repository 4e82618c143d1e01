"""/v1/webhooks: kept, changed, tested, listed with their dead letters, and closed to pages of other sites."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from app.api.application import create_api
from app.context import AppContext
from core.webhooks import sender
from tests.app.api.test_error_shape import assert_error_shape
from tests.app.api.test_stream import update
from tests.core.webhooks.receiver import Receiver, listening


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setattr(sender, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(sender, "GROWTH", 1.0)
    monkeypatch.setattr(sender, "POLL_S", 0.02)
    with listening(Receiver()) as receiver:
        yield receiver


def _made(client: TestClient, url: str, **options: object) -> dict:
    answer = client.post("/v1/webhooks", json={"url": url} | options)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_webhook_is_kept_listed_changed_and_removed(client: TestClient, receiver: Receiver) -> None:
    made = _made(client, receiver.url, intents=["purchase"], description="the chat")
    secret = made.pop("secret")
    assert made | {"intents": ["purchase"], "active": True, "due": 0, "dead": 0} == made
    where = f"/v1/webhooks/{made['webhook_id']}"
    assert client.get("/v1/webhooks").json() == {"webhooks": [made]}
    assert secret not in client.get(where).text
    changed = client.patch(where, json={"active": False, "min_score": 0.5}).json()
    assert changed == made | {"active": False, "min_score": 0.5}
    assert client.delete(where).status_code == 204
    for answer in (client.get(where), client.patch(where, json={}), client.delete(where), client.post(f"{where}/test")):
        assert_error_shape(answer, 404)


def test_a_test_message_arrives(client: TestClient, receiver: Receiver) -> None:
    made = _made(client, receiver.url)
    sent = client.post(f"/v1/webhooks/{made['webhook_id']}/test")
    assert sent.status_code == 202
    (message,) = receiver.wait_for(1)
    assert message.message_id == sent.json()["delivery_id"]
    assert message.verified(made["secret"])["type"] == "webhook.test"


def test_dead_letters_are_visible_and_sent_again(
    client: TestClient, receiver: Receiver, app_context: AppContext
) -> None:
    receiver.status = 500
    where = f"/v1/webhooks/{_made(client, receiver.url)['webhook_id']}"
    app_context.updates.publish([update("a", "browse")])
    deadline = time.monotonic() + 60
    while not (dead := client.get(f"{where}/deliveries?status=dead").json()["deliveries"]):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert (dead[0]["last_status"], dead[0]["tries"], dead[0]["next_try_at"]) == (500, sender.MOST_TRIES, None)
    assert client.get(where).json()["dead"] == 1
    receiver.status = 200
    before = len(receiver.messages)
    answer = client.post(f"{where}/deliveries/{dead[0]['delivery_id']}/retry")
    assert (answer.status_code, answer.json()["status"]) == (202, "due")
    assert receiver.wait_for(before + 1)[-1].message_id == dead[0]["delivery_id"]
    assert_error_shape(client.post(f"{where}/deliveries/msg_none/retry"), 404)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"url": "ftp://x/"},
        {"url": "http://x/", "min_score": 2},
        {"url": "http://x/", "intents": [""]},
        {"url": "http://x/", "secret": "short"},
        {"url": "http://x/", "surprise": 1},
    ],
)
def test_an_unusable_webhook_is_refused(body: dict, client: TestClient) -> None:
    assert_error_shape(client.post("/v1/webhooks", json=body), 400)
    assert client.get("/v1/webhooks").json() == {"webhooks": []}


def test_webhooks_are_bounded_in_number(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.webhooks.webhook.MOST_WEBHOOKS", 1)
    _made(client, "http://127.0.0.1:9/")
    assert_error_shape(client.post("/v1/webhooks", json={"url": "http://127.0.0.1:9/"}), 400)


@pytest.mark.parametrize("query", ["status=lost", "limit=0", "limit=many", "limit=1001"])
def test_an_unusable_query_is_named(query: str, client: TestClient, receiver: Receiver) -> None:
    made = _made(client, receiver.url)
    assert_error_shape(client.get(f"/v1/webhooks/{made['webhook_id']}/deliveries?{query}"), 400)


def test_pages_of_other_sites_are_refused(client: TestClient) -> None:
    headers = {"Origin": "https://elsewhere.example", "Content-Type": "text/plain"}
    assert_error_shape(client.post("/v1/webhooks", content=b'{"url": "http://x/"}', headers=headers), 403)
    assert_error_shape(client.get("/v1/webhooks", headers=headers), 403)


def test_they_need_the_api_key_where_one_is_set(app_context: AppContext) -> None:
    closed = replace(app_context, settings=replace(app_context.settings, api_key="secret"))
    with TestClient(create_api(closed)) as client:
        assert_error_shape(client.get("/v1/webhooks"), 401)
        assert client.get("/v1/webhooks", headers={"X-API-Key": "secret"}).json() == {"webhooks": []}
