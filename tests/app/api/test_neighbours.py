"""POST /v1/explain with `neighbours`: the labelled sessions beside the answer, with their labels of today."""

from datetime import datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.api.operations.answers import ExplanationAnswer
from app.context import AppContext
from core.intents.adjudication import Target, journal_place, settle
from core.intents.annotations import Annotation, submit_annotations
from core.intents.default_taxonomy import DEFAULT_TAXONOMY
from core.intents.taxonomy import store_taxonomy
from core.store.frames import read_value
from core.store.session_queue import settle_sessions
from tests.app.api.messages import viewed
from tests.app.api.test_error_shape import assert_error_shape
from tests.app.api.test_intent import register
from tests.core.model.shop import INTENTS

VISITORS = 8
BEFORE = datetime(2026, 5, 3)
"""Before the model was made."""


@pytest.fixture
def sessions(app_context: AppContext, client: TestClient, tmp_path: Path) -> list[str]:
    """The session of each visitor v-0 … v-7; v-7 does what v-6 did. All are labelled but the first."""
    register(app_context, tmp_path)
    sent = []
    for visitor in range(VISITORS):
        kind = min(visitor, VISITORS - 2)
        for number in range(2 + kind):
            message = viewed(number, at=f"2026-05-01T10:{number:02}:00.000Z")
            named = {"anonymousId": f"v-{visitor}", "messageId": f"m-{visitor}-{number}"}
            sent.append(message | named)
    client.post("/v1/batch", json={"batch": sent}).raise_for_status()
    warehouse = app_context.warehouse
    settle_sessions(warehouse)
    store_taxonomy(warehouse, DEFAULT_TAXONOMY)
    query = "SELECT any_value(session_id) FROM sessions WHERE visitor_id = ?"
    found = [str(read_value(warehouse, query, [f"v-{visitor}"])) for visitor in range(VISITORS)]
    submit_annotations(
        warehouse,
        [
            Annotation(
                f"a-{number}", f"a-{number}", "session", session, None, INTENTS[number % len(INTENTS)], "mei", BEFORE
            )
            for number, session in enumerate(found)
            if number
        ],
    )
    return found


def test_the_copy_is_most_similar_and_carries_its_label_and_whose_it_is(
    client: TestClient, sessions: list[str]
) -> None:
    answer = client.post("/v1/explain", json={"visitor_id": f"v-{VISITORS - 1}", "neighbours": 3})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    ExplanationAnswer.model_validate(body)
    told = body["neighbours"]
    assert (told["labelled"], told["checkpoints"], told["labels_noted"]) == (VISITORS - 1, 1, False)
    nearest = told["similar"][0]
    assert nearest["session_id"] == sessions[VISITORS - 2]
    assert nearest["similarity"] == pytest.approx(1.0, abs=1e-4)
    assert (nearest["label"], nearest["annotators"]) == (INTENTS[(VISITORS - 2) % 3], ["mei"])
    assert sessions[VISITORS - 1] not in [one["session_id"] for one in told["similar"]]
    assert all(one["influence"] > 0 for one in told["speaking_for"])
    assert all(one["influence"] < 0 for one in told["speaking_against"])
    assert told["speaking_for"]


def test_a_corrected_label_is_told_beside_the_one_the_model_learned(
    client: TestClient, app_context: AppContext, sessions: list[str]
) -> None:
    asked = {"visitor_id": f"v-{VISITORS - 1}", "neighbours": 1}
    before = client.post("/v1/explain", json=asked).json()["neighbours"]["similar"][0]
    target = Target("session", before["session_id"], None)
    other = next(intent for intent in INTENTS if intent != before["label"])
    seen = journal_place(app_context.warehouse, target)
    assert settle(app_context.warehouse, target, other, adjudicator="ana", seen=seen)
    after = client.post("/v1/explain", json=asked).json()["neighbours"]["similar"][0]
    assert (after["taught"], after["label"], after["annotators"]) == (before["taught"], other, ["ana"])


def test_without_labels_the_lists_are_empty(client: TestClient, app_context: AppContext, tmp_path: Path) -> None:
    register(app_context, tmp_path)
    client.post("/v1/batch", json={"batch": [viewed(number) for number in range(3)]}).raise_for_status()
    told = client.post("/v1/explain", json={"visitor_id": "v-1", "neighbours": 3}).json()["neighbours"]
    assert told == {
        "similar": [],
        "speaking_for": [],
        "speaking_against": [],
        "labelled": 0,
        "checkpoints": 1,
        "labels_noted": False,
    }


@pytest.mark.parametrize("neighbours", [0, 51, "many", 2.5])
def test_an_unusable_number_is_refused(neighbours: object, client: TestClient) -> None:
    assert_error_shape(client.post("/v1/explain", json={"visitor_id": "v-1", "neighbours": neighbours}), 400)
