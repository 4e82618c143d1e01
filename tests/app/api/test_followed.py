"""A tracker gets the intent in the answer to its event; a promotion never leaves a question without an answer."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.api.application import create_api
from app.context import AppContext, close_context, start_context
from core.collect.write_keys import create_write_key
from core.registry.models import promote
from core.settings import Settings
from tests.app.api.messages import viewed
from tests.app.api.test_intent import KEYS, register


@pytest.fixture
def model_id(app_context: AppContext, tmp_path: Path) -> str:
    found = register(app_context, tmp_path)
    app_context.models.serving(60)
    return found


def test_the_answer_to_an_event_has_the_visitors_intent_after_it(client: TestClient, model_id: str) -> None:
    for number in range(3):
        answer = client.post("/v1/track?intent=true", json=viewed(number)).json()
        assert (answer["added"], answer["success"]) == (1, True)
        (intent,) = answer["intents"]
        assert set(intent) == KEYS
        assert (intent["visitor_id"], intent["events_used"], intent["model_version"]) == ("v-1", number + 1, model_id)
        assert intent == client.get("/v1/visitors/v-1/intent").json()
        assert intent == client.post("/v1/intent", json={"visitor_id": "v-1"}).json()
    again = client.post("/v1/track?intent=true", json=viewed(2)).json()
    assert (again["added"], again["intents"][0]["events_used"]) == (0, 3)


def test_a_batch_answers_for_each_of_its_visitors(client: TestClient, model_id: str) -> None:
    batch = [viewed(number, visitor=f"v-{number % 3}") for number in range(9)]
    answer = client.post("/v1/batch?intent=true", json={"batch": [*batch, {"type": "dance"}]}).json()
    assert len(answer["rejected"]) == 1
    assert {intent["visitor_id"]: intent["events_used"] for intent in answer["intents"]} == {
        "v-0": 3,
        "v-1": 3,
        "v-2": 3,
    }


def test_who_does_not_ask_is_not_told(client: TestClient, model_id: str) -> None:
    assert "intents" not in client.post("/v1/track", json=viewed(1)).json()
    assert "intents" not in client.post("/v1/track?intent=false", json=viewed(2)).json()
    refused = client.post("/v1/track?intent=yes", json=viewed(3))
    assert (refused.status_code, refused.json()["error"]["field"]) == (400, "intent")


def test_without_a_model_the_event_is_stored_and_the_answer_says_why(client: TestClient) -> None:
    answer = client.post("/v1/track?intent=true", json=viewed(1))
    assert answer.status_code == 200
    assert (answer.json()["added"], answer.json()["intents"]) == (1, [])
    assert answer.json()["intents_error"]["code"] == "no_model"


def test_a_foreign_page_stores_events_but_reads_no_intent(client: TestClient, model_id: str) -> None:
    foreign = {"Origin": "https://elsewhere.example"}
    assert client.post("/v1/track", json=viewed(1), headers=foreign).status_code == 200
    refused = client.post("/v1/track?intent=true", json=viewed(2), headers=foreign)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "foreign_page")
    own = {"Origin": "http://localhost:8501", "Host": "localhost:8501"}
    assert client.post("/v1/track?intent=true", json=viewed(2), headers=own).status_code == 200


@pytest.mark.parametrize("path", ["/v1/visitors/v-1/intent", "/v1/visitors/intent?visitor_id=v-1", "/metrics"])
def test_without_a_key_only_this_machines_own_names_read_in_a_browser(
    path: str, client: TestClient, model_id: str
) -> None:
    client.post("/v1/track", json=viewed(1)).raise_for_status()
    for host in ("localhost", "127.0.0.1:8501", "[::1]:8501", "LOCALHOST:80"):
        assert client.get(path, headers={"Host": host, "Sec-Fetch-Site": "same-origin"}).status_code == 200, host
    for host in (
        "rebound.example",
        "rebound.example:8501",
        "127.0.0.1.rebound.example",
        "[",
        "localhost:1@evil.example",
    ):
        told = client.get(path, headers={"Host": host, "Sec-Fetch-Site": "same-origin"})
        assert (told.status_code, told.json()["error"]["code"]) == (403, "foreign_page"), host
    assert client.get(path, headers={"Host": "proxied.example"}).status_code == 200, "a program, not a browser"


def test_a_write_key_lets_nobody_read_an_intent(settings: Settings, tmp_path: Path) -> None:
    app_context = start_context(replace(settings, api_key="the-long-key"))
    _, secret = create_write_key(settings.home, "shop", now=app_context.clock())
    with TestClient(create_api(app_context)) as client:
        key = {"Authorization": f"Bearer {secret}"}
        assert client.post("/v1/track", json=viewed(1), headers=key).status_code == 200
        assert client.post("/v1/track?intent=true", json=viewed(2), headers=key).status_code == 401
        both = key | {"X-API-Key": "the-long-key"}
        assert client.post("/v1/track?intent=true", json=viewed(2), headers=both).status_code == 200
    close_context()


def test_a_promotion_leaves_no_question_unanswered(
    client: TestClient, app_context: AppContext, model_id: str, tmp_path: Path
) -> None:
    client.post("/v1/track", json=viewed(1))
    second = register(app_context, tmp_path, "second")
    promotion = threading.Thread(target=promote, args=(app_context.warehouse, second))
    promotion.start()
    served = []
    for number in range(2, 2000):
        answer = client.post("/v1/track?intent=true", json=viewed(number)).json()
        served.append(answer["intents"][0]["model_version"])
        assert answer["intents"][0]["events_used"] == number
        if served[-1] == second:
            break
    promotion.join()
    assert served[-1] == second
    assert set(served) <= {model_id, second}
    assert sorted(served, key=[model_id, second].index) == served, "never back to the one before"
