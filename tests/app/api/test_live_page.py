"""What the Live page asks: who is here, alarms, and a replay, from a page of ours or with the API key only."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from app.api.application import create_api
from app.api.operations.page_answers import Presence, ReplayAnswer
from app.context import AppContext, close_context, start_context
from app.page_token import page_token
from core.realtime.alarm_rules import Finding
from core.realtime.alarm_settings import ALARM_RULES
from core.settings import Settings
from core.store.alarm_queries import begin_alarm
from tests.core.realtime.moments import update_of


@pytest.fixture
def app_context(settings: Settings) -> Iterator[AppContext]:
    yield start_context(settings)
    close_context()


@pytest.fixture
def client(app_context: AppContext) -> Iterator[TestClient]:
    with TestClient(create_api(app_context)) as client:
        yield client


def test_visitors_counts_and_a_message_of_the_value_that_cannot_be(app_context: AppContext, client: TestClient) -> None:
    app_context.updates.publish([update_of("ann", "browse"), update_of("bob", "support", abstained=True)])
    told = client.get("/v1/live", params={"intent": "support", "minutes": 10}).json()
    Presence.model_validate(told)
    assert [(one["id"], one["intent"], one["unsure"]) for one in told["visitors"]] == [("bob", "support", True)]
    assert (told["active"], told["matching"], told["unsure"]) == (2, 1, 1)
    assert told["by_intent"] == {"browse": 1, "support": 1}
    assert told["bars"][-1] == {"browse": 1, "support": 1}
    assert told["visitors"][0]["occurred"].endswith("+00:00")
    refused = client.get("/v1/live", params={"minutes": 31})
    assert refused.status_code == 400
    assert "'31'" in refused.json()["error"]["message"]
    assert client.get("/v1/live", params={"order": "size"}).status_code == 400
    assert client.get("/v1/live", params={"minutes": "many"}).json()["error"]["value"] == "many"


def test_only_our_pages_and_programs_with_the_key_may_look(settings: Settings) -> None:
    started = start_context(replace(settings, api_key="secret"))
    try:
        with TestClient(create_api(started)) as client:
            assert client.get("/v1/live").status_code == 401
            assert client.get("/v1/live", headers={"X-API-Key": "secret"}).status_code == 200
            assert client.get("/v1/live", headers={"X-Page-Token": page_token()}).status_code == 200
            assert client.get("/v1/live", headers={"Origin": "http://else.where"}).status_code == 403
            assert client.post("/v1/replay", json={"action": "stop"}).status_code == 401
    finally:
        close_context()


def test_an_alarm_is_acknowledged(app_context: AppContext, client: TestClient) -> None:
    numbers = Finding("support", 0.2, 0.1, 20, 100, 10, 100, 1e-6, over=True).as_json()
    alarm_id = begin_alarm(app_context.warehouse, "support", app_context.clock(), numbers)
    assert client.post("/v1/live/acknowledge", json={"alarm_id": alarm_id}).status_code == 200
    app_context.alarms.judge()
    told = client.get("/v1/live").json()
    Presence.model_validate(told)
    assert {found["rule"] for found in told["found"]} == set(ALARM_RULES)
    (alarm,) = told["alarms"]
    assert alarm["acknowledged_at"] is not None
    assert alarm["numbers"] == numbers
    assert client.post("/v1/live/acknowledge", json={"alarm_id": "nobody's"}).status_code == 404


def _until(client: TestClient, *, running: bool) -> dict[str, object]:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        told: dict[str, object] = client.get("/v1/live").json()["replay"]
        if (told["state"] == "running") is running:
            return told
        time.sleep(0.02)
    raise TimeoutError("The replay did not get there.")


def test_a_replay_starts_ends_and_is_removed(client: TestClient) -> None:
    order = {"action": "start", "speed": 0, "end": "2026-08-25T02:00:00+02:00"}
    begun = client.post("/v1/replay", json=order).json()
    assert begun["total"] > 500
    told = _until(client, running=False)
    assert (told["state"], told["sent"]) == ("finished", begun["total"])
    assert client.get("/v1/live").json()["stored_in_window"] == begun["total"]
    removed = client.post("/v1/replay", json={"action": "remove"}).json()
    assert ReplayAnswer.model_validate(removed).removed == begun["total"]
    assert client.post("/v1/replay", json={"action": "start", "source": "stored"}).status_code == 400


def test_a_replay_is_stopped_and_only_one_plays(client: TestClient) -> None:
    assert client.post("/v1/replay", json={"action": "start", "speed": 1}).status_code == 200
    again = client.post("/v1/replay", json={"action": "start"})
    assert again.status_code == 400
    assert "going on" in again.json()["error"]["message"]
    client.post("/v1/replay", json={"action": "stop"})
    assert _until(client, running=False)["state"] == "stopped"
