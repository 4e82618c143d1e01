"""Asking for intents over HTTP, answered by a real, small model that the holder loads."""

import threading
import time
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.context import AppContext
from core.intents.default_taxonomy import DEFAULT_TAXONOMY
from core.intents.editing import Merge
from core.intents.taxonomy import store_taxonomy
from core.intents.versions import edit_taxonomy
from core.model.checkpoint import save_checkpoint
from core.model.scorer import SessionScorer
from core.registry.models import register_model
from tests.app.api.messages import viewed
from tests.core.model.conftest import make_checkpoint
from tests.core.model.shop import INTENTS, make_shop

KEYS = {"visitor_id", "session_id", "model_version", "as_of", "intents", "events_used", "abstained"}


def register(app_context: AppContext, folder: Path, model_id: str = "tiny", abstain_below: float = 0.0) -> str:
    """A tiny finetuned model of the test shop, registered; the first is the champion."""
    checkpoint = make_checkpoint(make_shop(visitors=8))
    checkpoint.card.update(model_id=model_id, kind="finetuned", intents=list(INTENTS), created_at="2026-05-04T00:00:00")
    checkpoint.card["abstain_below"] = abstain_below
    save_checkpoint(checkpoint, folder / model_id)
    return register_model(app_context.warehouse, app_context.settings, folder / model_id).model_id


@pytest.fixture
def model_id(app_context: AppContext, tmp_path: Path) -> str:
    return register(app_context, tmp_path)


def test_a_visitors_intent_now_with_all_of_its_keys(client: TestClient, model_id: str) -> None:
    client.post("/v1/batch", json={"batch": [viewed(number) for number in range(5)]})
    answer = client.get("/v1/visitors/v-1/intent").json()
    assert set(answer) == KEYS
    assert (answer["visitor_id"], answer["model_version"], answer["events_used"]) == ("v-1", model_id, 5)
    assert answer["as_of"] == "2026-05-04T10:00:00.000Z"
    assert {intent["label"] for intent in answer["intents"]} == set(INTENTS)
    assert sum(intent["score"] for intent in answer["intents"]) == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize(("abstain_below", "abstained"), [(0.0, False), (0.999, True)])
def test_an_answer_below_the_models_confidence_says_so(
    abstain_below: float, abstained: bool, client: TestClient, app_context: AppContext, tmp_path: Path
) -> None:
    register(app_context, tmp_path, "unsure", abstain_below)
    answer = client.post("/v1/intent", json={"events": [viewed(1)]}).json()
    assert answer["abstained"] is abstained
    assert answer["intents"][0]["score"] < 0.999


def test_visitor_session_and_given_events_agree(client: TestClient, model_id: str) -> None:
    sent = [viewed(number) for number in range(5)]
    client.post("/v1/batch", json={"batch": sent})
    by_visitor = client.post("/v1/intent", json={"visitor_id": "v-1"}).json()
    by_session = client.post("/v1/intent", json={"session_id": by_visitor["session_id"]}).json()
    by_events = client.post("/v1/intent", json={"events": sent}).json()
    assert {name: by_session[name] for name in ("session_id", "as_of", "events_used")} == {
        name: by_visitor[name] for name in ("session_id", "as_of", "events_used")
    }
    assert by_events["events_used"] == 5
    expected = {intent["label"]: pytest.approx(intent["score"], abs=1e-4) for intent in by_visitor["intents"]}
    for answer in (by_session, by_events):
        assert {intent["label"]: intent["score"] for intent in answer["intents"]} == expected


def test_canonical_events_may_be_given_and_are_not_stored(client: TestClient, model_id: str) -> None:
    events = [{"event_type": "view", "occurred_at": "2026-05-04T10:00:00Z", "visitor_id": "guest", "item_id": "i1"}]
    answer = client.post("/v1/intent", json={"events": events, "top_k": 2})
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["intents"]) == 2
    assert client.get("/v1/visitors/guest/intent").status_code == 404


@pytest.mark.parametrize(
    "question",
    [
        {},
        {"visitor_id": "a", "session_id": "b"},
        {"visitor_id": "a", "surprise": 1},
        {"visitor_id": ""},
        {"visitor_id": "a", "top_k": 0},
        {"events": []},
        {"events": [{"event_type": "view", "occurred_at": "yesterday?", "visitor_id": "a"}]},
        {
            "events": [
                {"event_type": "view", "occurred_at": "2026-05-04T10:00:00Z", "visitor_id": visitor}
                for visitor in ("a", "b")
            ]
        },
    ],
)
def test_an_unanswerable_question_is_400_with_the_reason(question, client: TestClient, model_id: str) -> None:
    answer = client.post("/v1/intent", json=question)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["message"]


@pytest.mark.parametrize("by", ["visitor_id", "session_id", "events"])
def test_an_explanation_adds_the_heatmap_of_the_likeliest_intent(by: str, client: TestClient, model_id: str) -> None:
    sent = [viewed(number) for number in range(4)]
    client.post("/v1/batch", json={"batch": sent})
    session_id = client.get("/v1/visitors/v-1/intent").json()["session_id"]
    question = {"visitor_id": "v-1", "session_id": session_id, "events": sent}[by]
    answer = client.post("/v1/intent", json={by: question, "explain": True, "top_k": 1}).json()
    heatmap = answer["explanation"]
    assert set(answer) == {*KEYS, "explanation"}
    assert (heatmap["model_version"], heatmap["intent"]) == (model_id, answer["intents"][0]["label"])
    assert heatmap["probability"] == pytest.approx(answer["intents"][0]["score"], abs=1e-4)
    assert len(heatmap["event_ids"]) == len(heatmap["values"]) == 4
    total = sum(map(sum, heatmap["values"]))
    change = heatmap["probability"] - heatmap["baseline_probability"]
    assert total == pytest.approx(change + heatmap["convergence_delta"], abs=1e-3)
    assert set(heatmap["faithfulness"]) >= {"comprehensiveness", "sufficiency", "agreement", "infidelity"}


def test_many_questions_are_answered_in_order_and_a_bad_one_spoils_no_other(client: TestClient, model_id: str) -> None:
    client.post("/v1/batch", json={"batch": [viewed(number, visitor=f"v-{number % 3}") for number in range(9)]})
    questions = [
        {"visitor_id": "v-0"},
        {"visitor_id": "nobody"},
        {"visitor_id": "v-1", "top_k": 1, "explain": True},
        {"visitor_id": "v-0", "session_id": "both"},
        "no object",
        {"events": [viewed(7)]},
        {"visitor_id": "v-0"},
    ]
    answers = client.post("/v1/intent/batch", json={"questions": questions}).json()["answers"]
    codes = [answer.get("error", {}).get("code") for answer in answers]
    assert codes == [None, "not_found", None, "invalid_body", "invalid_body", None, None]
    for question, answer in zip(questions, answers, strict=True):
        if "error" not in answer:
            alone = client.post("/v1/intent", json=question).json()
            assert answer["intents"] == [
                {"label": intent["label"], "score": pytest.approx(intent["score"], abs=1e-4)}
                for intent in alone["intents"]
            ]
            del answer["intents"], alone["intents"], answer["as_of"], alone["as_of"]
            assert {**answer, "explanation": None} == {**alone, "explanation": None}


def test_many_questions_share_forward_passes(client: TestClient, app_context: AppContext, model_id: str) -> None:
    client.post("/v1/batch", json={"batch": [viewed(number, visitor=f"v-{number}") for number in range(50)]})
    scorer, passes = app_context.models.serving(60), []
    hook = scorer.model.register_forward_hook(lambda *_: passes.append(1))
    query = "&".join(f"visitor_id=v-{number}" for number in range(50))
    answers = client.get(f"/v1/visitors/intent?{query}&top_k=1").json()["answers"]
    hook.remove()
    assert [answer["visitor_id"] for answer in answers] == [f"v-{number}" for number in range(50)]
    assert {len(answer["intents"]) for answer in answers} == {1}
    assert len(passes) == 1


@pytest.mark.parametrize("query", ["", "visitor_id=", "visitor_id=a&top_k=0", "visitor_id=a&" * 51])
def test_an_unusable_query_for_many_is_400(query: str, client: TestClient, model_id: str) -> None:
    assert client.get(f"/v1/visitors/intent?{query}").status_code == 400


def test_explanations_of_one_request_are_bounded(client: TestClient, model_id: str) -> None:
    client.post("/v1/track", json=viewed(1))
    questions = [{"visitor_id": "v-1", "explain": True}] * 21
    answer = client.post("/v1/intent/batch", json={"questions": questions})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "too_many_explanations")


def test_an_explanation_of_merged_intents_is_of_one_the_model_knows(
    client: TestClient, app_context: AppContext, model_id: str
) -> None:
    store_taxonomy(app_context.warehouse, DEFAULT_TAXONOMY)
    edit_taxonomy(app_context.warehouse, [Merge(intent, "other") for intent in INTENTS], author="lead")
    client.post("/v1/track", json=viewed(1))
    answer = client.post("/v1/intent", json={"visitor_id": "v-1", "explain": True}).json()
    assert answer["intents"] == [{"label": "other", "score": pytest.approx(1.0, abs=1e-4)}]
    assert answer["explanation"]["intent"] in INTENTS
    assert answer["explanation"]["probability"] > 1 / 3 - 1e-6


def test_visitor_ids_with_slashes_and_other_scripts_are_found(client: TestClient, model_id: str) -> None:
    client.post("/v1/track", json=viewed(1, visitor="店/访客 1"))
    assert client.get("/v1/visitors/%E5%BA%97%2F%E8%AE%BF%E5%AE%A2%201/intent").json()["visitor_id"] == "店/访客 1"


def test_readiness_waits_for_the_model_and_then_names_it_ready(client: TestClient, model_id: str, app_context) -> None:
    first = client.get("/readyz")
    assert (first.status_code, first.headers.get("retry-after")) in {(503, "2"), (200, None)}
    app_context.models.serving(30)
    assert client.get("/readyz").json() == {"status": "ready", "model": "ready"}


def test_readiness_waits_for_the_first_prediction(
    client: TestClient, model_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import core.model.warm_up as warming

    real, loaded, go = warming.warm_up, threading.Event(), threading.Event()

    def held_up(scorer: SessionScorer) -> None:
        loaded.set()
        assert go.wait(60)
        real(scorer)

    monkeypatch.setattr(warming, "warm_up", held_up)
    assert client.get("/readyz").status_code == 503
    assert loaded.wait(60)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "not_ready")
    go.set()
    deadline = time.monotonic() + 60
    while client.get("/readyz").status_code != 200 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert client.get("/readyz").json() == {"status": "ready", "model": "ready"}


def test_a_server_without_a_model_is_ready(client: TestClient) -> None:
    assert client.get("/readyz").json() == {"status": "ready", "model": "none"}


def test_a_broken_model_is_named_by_readiness_and_answers(client: TestClient, model_id: str, app_context) -> None:
    (app_context.settings.models_folder / model_id / "model.safetensors").write_bytes(b"broken")
    client.post("/v1/track", json=viewed(1))
    answer = client.get("/v1/visitors/v-1/intent")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "broken_model")
    assert client.get("/readyz").status_code == 503
