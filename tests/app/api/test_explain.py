"""POST /v1/explain: what the Explain page shows, by a real, small model."""

from pathlib import Path

import pytest
import torch
from starlette.testclient import TestClient

from app.api.operations.answers import ExplanationAnswer
from app.context import AppContext
from core.events.schema import EVENT_COLUMNS
from core.explain.contrast import explain
from core.intents.default_taxonomy import DEFAULT_TAXONOMY
from core.intents.editing import Merge
from core.intents.taxonomy import store_taxonomy
from core.intents.versions import edit_taxonomy
from core.model.checkpoint import save_checkpoint
from core.registry.models import register_model
from core.store.event_queries import visitor_context
from tests.app.api.messages import viewed
from tests.app.api.test_error_shape import assert_error_shape
from tests.app.api.test_intent import register
from tests.core.model.conftest import make_checkpoint
from tests.core.model.shop import INTENTS, make_shop

SENT = [viewed(number, at=f"2026-05-04T10:0{number}:00.000Z") for number in range(5)]


@pytest.fixture
def model_id(app_context: AppContext, client: TestClient, tmp_path: Path) -> str:
    model_id = register(app_context, tmp_path)
    client.post("/v1/batch", json={"batch": SENT}).raise_for_status()
    return model_id


@pytest.mark.parametrize("against", [None, INTENTS[1]])
def test_it_answers_what_the_page_shows(
    against: str | None, client: TestClient, app_context: AppContext, model_id: str
) -> None:
    asked = {"visitor_id": "v-1", "event_id": "m-3", "intent": INTENTS[0], "against": against, "words": "m-2"}
    answer = client.post("/v1/explain", json=asked)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    ExplanationAnswer.model_validate(body)
    past = visitor_context(app_context.warehouse, "v-1", "m-3")
    items, media = app_context.tracker.items_of(past), app_context.settings.media_folder
    scorer = app_context.models.scorer(model_id)
    shown = explain(
        scorer, past[list(EVENT_COLUMNS)], items, media, event_id="m-3", intent=INTENTS[0], against=against
    ).to_dict()
    assert body["probability"] == pytest.approx(shown["probability"], abs=1e-6)
    assert body["values"] == [pytest.approx(row, abs=1e-5) for row in shown["values"]]
    same = ("intent", "model_version", "event_ids", "fields", "reliability", "reason", "method")
    assert [body[name] for name in same] == [shown[name] for name in same]
    assert body["event_ids"] == ["m-0", "m-1", "m-2", "m-3"]
    words = body["words"]
    assert words["event_id"] == "m-2"
    added = sum(word["value"] for text in words["texts"] for word in text["words"])
    assert added == pytest.approx(words["value"] - words["value_hidden"] + words["convergence_delta"], abs=1e-3)


def test_visitor_session_and_given_events_agree_on_the_likeliest_intent_at_the_last_event(
    client: TestClient, model_id: str
) -> None:
    told = client.post("/v1/intent", json={"visitor_id": "v-1"}).json()
    questions = ({"visitor_id": "v-1"}, {"session_id": told["session_id"]}, {"events": SENT})
    answers = [client.post("/v1/explain", json=question).json() for question in questions]
    assert {answer["intent"] for answer in answers} == {told["intents"][0]["label"]}
    assert [answer["event_id"] for answer in answers] == ["m-4"] * 3
    assert [answer["probability"] for answer in answers] == pytest.approx([told["intents"][0]["score"]] * 3, abs=1e-4)


def test_the_model_that_is_named_explains(client: TestClient, app_context: AppContext, tmp_path: Path) -> None:
    client.post("/v1/batch", json={"batch": SENT}).raise_for_status()
    for number, name in enumerate(("serves", "other")):
        checkpoint = make_checkpoint(make_shop(visitors=8, seed=number))
        checkpoint.card.update(model_id=name, kind="finetuned", intents=list(INTENTS))
        with torch.no_grad():
            checkpoint.model.intent_head.output.bias += torch.eye(len(INTENTS))[number] * 5
        save_checkpoint(checkpoint, tmp_path / name)
        register_model(app_context.warehouse, app_context.settings, tmp_path / name)
    for number, name in enumerate(("serves", "other")):
        asked = {"visitor_id": "v-1"} | ({"model": name} if number else {})
        body = client.post("/v1/explain", json=asked).json()
        assert (body["model_version"], body["intent"]) == (name, INTENTS[number])


def test_a_model_that_cannot_be_asked_is_refused_by_name(
    client: TestClient, app_context: AppContext, model_id: str, tmp_path: Path
) -> None:
    checkpoint = make_checkpoint(make_shop(visitors=8))
    checkpoint.card.update(model_id="base", kind="pretrained")
    save_checkpoint(checkpoint, tmp_path / "base")
    register_model(app_context.warehouse, app_context.settings, tmp_path / "base")
    for name, status in (("typo", 404), ("base", 400)):
        answer = client.post("/v1/explain", json={"visitor_id": "v-1", "model": name})
        assert_error_shape(answer, status)
        assert (answer.json()["error"]["field"], answer.json()["error"]["value"]) == ("model", name)


@pytest.mark.parametrize(
    ("question", "status", "named"),
    [
        ({"visitor_id": "nobody"}, 404, ("nobody",)),
        ({"session_id": "nothing"}, 404, ("nothing",)),
        ({"visitor_id": "v-1", "event_id": "m-9"}, 404, ("m-9", "m-4")),
        ({"events": SENT, "event_id": "m-9"}, 404, ("m-9", "m-4")),
        ({"visitor_id": "v-1", "intent": "typo"}, 400, ("typo", *INTENTS)),
        ({"visitor_id": "v-1", "intent": INTENTS[0], "against": "typo"}, 400, ("typo", *INTENTS)),
        ({"visitor_id": "v-1", "intent": INTENTS[0], "against": INTENTS[0]}, 400, (INTENTS[0],)),
        ({"visitor_id": "v-1", "method": "tarot"}, 400, ("tarot", "integrated_gradients", "attention_rollout")),
        ({"visitor_id": "v-1", "method": "attention_rollout", "against": INTENTS[0]}, 400, ("attention_rollout",)),
        ({"visitor_id": "v-1", "words": "m-9"}, 404, ("m-9",)),
        ({"visitor_id": "v-1", "events": SENT}, 400, ("exactly one",)),
        ({"visitor_id": "v-1", "thorough": "yes"}, 400, ("thorough",)),
        ({"events": SENT * 300}, 400, ("1024",)),
    ],
)
def test_what_cannot_be_explained_is_named(
    question: dict[str, object], status: int, named: tuple[str, ...], client: TestClient, model_id: str
) -> None:
    answer = client.post("/v1/explain", json=question)
    assert_error_shape(answer, status)
    assert [word for word in named if word not in answer.text] == []


def test_attention_is_answered_as_a_curiosity(client: TestClient, model_id: str) -> None:
    body = client.post("/v1/explain", json={"visitor_id": "v-1", "method": "attention_rollout"}).json()
    ExplanationAnswer.model_validate(body)
    assert (body["reliability"], body["fields"]) == ("curiosity", ["whole_event"])


def test_of_merged_intents_the_one_that_counts_most_is_explained(
    client: TestClient, app_context: AppContext, model_id: str
) -> None:
    store_taxonomy(app_context.warehouse, DEFAULT_TAXONOMY)
    edit_taxonomy(app_context.warehouse, [Merge(intent, "other") for intent in INTENTS], author="lead")
    for question in ({"visitor_id": "v-1"}, {"visitor_id": "v-1", "intent": "other"}):
        body = client.post("/v1/explain", json=question).json()
        assert body["intent"] in INTENTS
        assert body["probability"] > 1 / 3 - 1e-6


def test_without_a_model_it_says_so(client: TestClient) -> None:
    client.post("/v1/batch", json={"batch": SENT}).raise_for_status()
    assert_error_shape(client.post("/v1/explain", json={"visitor_id": "v-1"}), 503)


def test_the_answer_to_an_intent_with_its_explanation_fits_its_document(client: TestClient, model_id: str) -> None:
    from app.api.operations.answers import IntentAnswer

    IntentAnswer.model_validate(client.post("/v1/intent", json={"visitor_id": "v-1", "explain": True}).json())
