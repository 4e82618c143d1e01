"""POST /v1/labels: from our own pages and from programs, never from a foreign page."""

import gc
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.api.application import create_api
from app.context import AppContext, close_context, start_context
from app.page_token import page_token
from app.views.label_desk import LabelDesk
from core.intents.annotations import current_annotations
from core.settings import Settings
from core.store.ingest_queries import append_events
from tests.core.store.rows import event, table

FOREIGN = {"Origin": "https://elsewhere.example"}


def batch(*client_ids: str, **values: Any) -> dict[str, Any]:
    known = {"kind": "submit", "session_id": "s0", "event_id": None, "intent": "browse", "status": "submitted"}
    return {"annotator": "mei", "operations": [known | {"client_id": each} | values for each in client_ids]}


@pytest.fixture
def shop(app_context: AppContext) -> AppContext:
    append_events(app_context.warehouse, table(*(event(n, visitor="v0", session_id="s0") for n in range(3))))
    return app_context


def test_the_answer_comes_after_the_commit_and_sending_again_changes_nothing(
    client: TestClient, shop: AppContext
) -> None:
    for _ in range(2):
        answer = client.post("/v1/labels", json=batch("a"))
        assert answer.json()["acknowledged"] == ["a"]
        assert answer.json()["progress"]["browse"] == {"sessions": 1, "events": 0}
        assert current_annotations(shop.warehouse)["client_id"].tolist() == ["a"]


def test_a_page_needs_the_token_of_this_server(client: TestClient, shop: AppContext) -> None:
    foreign = client.post("/v1/labels", json=batch("a"), headers=FOREIGN)
    older = client.post("/v1/labels", json=batch("b"), headers=FOREIGN | {"X-Page-Token": "of-another-start"})
    hidden = client.post("/v1/labels", json=batch("c"), headers={"Sec-Fetch-Site": "cross-site"})
    assert [answer.status_code for answer in (foreign, older, hidden)] == [403, 403, 403]
    assert foreign.json()["error"]["code"] == "foreign_page"
    assert current_annotations(shop.warehouse).empty
    ours = client.post("/v1/labels", json=batch("d"), headers=FOREIGN | {"X-Page-Token": page_token()})
    assert ours.status_code == 200


def test_a_program_needs_the_api_key_where_one_is_set(settings: Settings) -> None:
    started = start_context(Settings(home=settings.home, sample_shop=False, api_key="secret"))
    try:
        with TestClient(create_api(started)) as client:
            refused = client.post("/v1/labels", json=batch("a"))
            taken = client.post("/v1/labels", json=batch("a"), headers={"X-API-Key": "secret"})
    finally:
        close_context()
    assert (refused.status_code, taken.status_code) == (401, 200)


@pytest.mark.parametrize(
    "body",
    [
        batch() | {"annotator": ""},
        batch() | {"annotator": "x" * 61},
        batch() | {"surprise": 1},
        {"annotator": "mei", "operations": [{"kind": "submit"}]},
        {"annotator": "mei", "operations": ["a"]},
    ],
)
def test_a_body_of_another_shape_is_400(body: dict[str, Any], client: TestClient) -> None:
    assert client.post("/v1/labels", json=body).status_code == 400


@pytest.mark.parametrize(
    "values",
    [{"intent": "dance"}, {"status": "perhaps"}, {"status": ["x"]}, {"session_id": ""}, {"lead_time_ms": "long"}],
)
def test_an_impossible_operation_is_told_and_the_others_are_kept(
    values: dict[str, Any], client: TestClient, shop: AppContext
) -> None:
    good, bad = batch("good"), batch("bad", **values)
    answer = client.post("/v1/labels", json=good | {"operations": bad["operations"] + good["operations"]}).json()
    assert answer["acknowledged"] == ["bad", "good"]
    assert list(answer["refused"]) == ["bad"]
    assert current_annotations(shop.warehouse)["client_id"].tolist() == ["good"]


def cards(desk: str, **values: Any) -> dict[str, Any]:
    return {"desk": desk, "wanted": 5, "loaded": []} | values


def test_an_open_desk_brings_its_next_cards_as_json(client: TestClient, shop: AppContext) -> None:
    desk = LabelDesk("mei")
    answer = client.post("/v1/labels/cards", json=cards(desk.desk_id)).json()
    assert [card["session_id"] for card in answer["cards"]] == ["s0"]
    assert answer["exhausted"]
    assert len(answer["cards"][0]["rows"][0][0]["event_id"]) > 0
    assert desk.cards == []  # the page must not hand them out again
    again = client.post("/v1/labels/cards", json=cards(desk.desk_id, loaded=["s0"])).json()
    assert again == {"cards": [], "exhausted": True}


def test_a_labelled_session_is_brought_no_more(client: TestClient, shop: AppContext) -> None:
    desk = LabelDesk("mei")
    client.post("/v1/labels/cards", json=cards(desk.desk_id))
    client.post("/v1/labels", json=batch("a"))
    assert client.post("/v1/labels/cards", json=cards(desk.desk_id)).json()["cards"] == []


def test_cards_need_an_open_desk_and_our_own_page(client: TestClient, shop: AppContext) -> None:
    desk = LabelDesk("mei")
    foreign = client.post("/v1/labels/cards", json=cards(desk.desk_id), headers=FOREIGN)
    assert (foreign.status_code, foreign.json()["error"]["code"]) == (403, "foreign_page")
    closed = desk.desk_id
    del desk
    gc.collect()
    for gone in (closed, "never"):
        assert client.post("/v1/labels/cards", json=cards(gone)).status_code == 404
