"""What the Visitor page's timeline asks the API for: windows of events, and probabilities stored or computed."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient

from app.api.operations.answers import PersonAnswer
from app.api.operations.page_answers import TimelineEvents, TimelineScores
from app.context import AppContext
from app.views.timeline_window import moment
from core.events.schema import EVENT_COLUMNS
from core.intents.annotations import submit_annotations
from core.intents.taxonomy import load_taxonomy
from core.store.event_queries import visitor_events
from core.store.ingest_queries import append_events
from core.store.item_queries import items
from core.store.person_queries import add_links
from core.store.prediction_queries import append_predictions
from tests.app.api.test_intent import register
from tests.core.intents.shop import annotation
from tests.core.model.shop import INTENTS
from tests.core.store.rows import event, items_table, table

MUG = {"item_id": "i1", "title": "Mug", "price": 8.0, "currency": "EUR"}
ORDER = {"item_id": "i1", "price": 8.0, "currency": "EUR", "quantity": 2.0}
START_MS = 1_777_888_800_000


@pytest.fixture(autouse=True)
def shop(app_context: AppContext) -> AppContext:
    """v1 with two sessions: views, a cart, an order; then two views a day later."""
    rows = [
        event(0, session_id="s0", item_id="i1"),
        event(1, minutes=1, session_id="s0", event_type="add_to_cart", **ORDER),
        event(2, minutes=2, session_id="s0", event_type="purchase", order_id="o1", **ORDER),
        event(3, minutes=1440, session_id="s1"),
        event(4, minutes=1441, session_id="s1", event_type="search", query="杯子"),
    ]
    append_events(app_context.warehouse, table(*rows), items=items_table(MUG))
    load_taxonomy(app_context.warehouse)
    return app_context


def _events(client: TestClient, **asked: object) -> dict:
    answer: dict = client.post("/v1/timeline/events", json={"visitor_id": "v1"} | asked).json()
    TimelineEvents.model_validate(answer, strict=True)  # as documented, whatever was asked
    return answer


def _scores(client: TestClient, model_id: str, **asked: object):
    window = {"from_ms": START_MS, "to_ms": START_MS + 2 * 86_400_000, "events": 5, "intents": list(INTENTS)}
    return client.post("/v1/timeline/scores", json={"visitor_id": "v1", "model_id": model_id} | window | asked)


def test_events_come_as_columns_with_titles_and_the_carts_value(client: TestClient) -> None:
    answer = _events(client)
    columns = answer["events"]
    assert (answer["count"], answer["earlier"], answer["later"]) == (5, False, False)
    assert columns["event_id"] == ["e0", "e1", "e2", "e3", "e4"]
    assert columns["t"][0] == START_MS
    assert columns["title"] == ["Mug", "Mug", "Mug", None, None]
    assert columns["cart_value"] == [0, 16.0, 0, 0, 0]
    assert columns["query"][-1] == "杯子"
    assert "brand" not in columns


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"limit": 2}, ["e3", "e4"]),
        ({"limit": 3, "before": "e3"}, ["e0", "e1", "e2"]),
        ({"after": "e2"}, ["e3", "e4"]),
        ({"limit": 4, "event_id": "e0"}, ["e0", "e1", "e2"]),
        ({"limit": 4, "session_id": "s1"}, ["e1", "e2", "e3", "e4"]),
        ({"limit": 3, "at_ms": START_MS - 5000}, ["e0", "e1", "e2"]),
        ({"event_id": "gone"}, ["e0", "e1", "e2", "e3", "e4"]),
        ({"before": "gone"}, []),
    ],
)
def test_a_window_is_chosen_by_event_moment_or_session(client: TestClient, asked: dict, found: list[str]) -> None:
    assert _events(client, **asked)["events"].get("event_id", []) == found


def test_everybodys_labels_come_with_their_events(client: TestClient, app_context: AppContext) -> None:
    submit_annotations(app_context.warehouse, [annotation("deal", "s0", "ana"), annotation("browse", "s0", "bo")])
    found = _events(client)["annotations"]
    assert [(each["session_id"], each["event_id"], each["intent"], each["annotator"]) for each in found] == [
        ("s0", None, "deal", "ana"),
        ("s0", None, "browse", "bo"),
    ]
    assert isinstance(found[0]["created_at"], int)


def test_scores_that_are_not_stored_are_the_models_own(
    client: TestClient, app_context: AppContext, tmp_path: Path
) -> None:
    model_id = register(app_context, tmp_path)
    answer = _scores(client, model_id).json()
    events = visitor_events(app_context.warehouse, "v1")
    wanted = app_context.models.scorer(model_id).score(events[list(EVENT_COLUMNS)], items(app_context.warehouse))
    TimelineScores.model_validate_json(_scores(client, model_id).content)
    assert answer["scored_now"]
    assert answer["event_ids"] == events["event_id"].tolist()
    found = np.array(answer["values"]).reshape(5, len(INTENTS)) / 10_000
    np.testing.assert_allclose(found, wanted, atol=1e-4)


def test_a_window_in_the_middle_is_scored_with_what_came_before(
    client: TestClient, app_context: AppContext, tmp_path: Path
) -> None:
    model_id = register(app_context, tmp_path)
    whole = _scores(client, model_id).json()
    last = _scores(client, model_id, from_ms=START_MS + 86_400_000, events=2).json()
    assert last["event_ids"] == ["e3", "e4"]
    np.testing.assert_allclose(last["values"], whole["values"][-2 * len(INTENTS) :], atol=1)


def test_scores_change_with_an_item_a_late_event_and_one_before_the_window(
    client: TestClient, app_context: AppContext, tmp_path: Path
) -> None:
    model_id = register(app_context, tmp_path)
    warehouse = app_context.warehouse
    first_three = {"to_ms": START_MS + 3 * 60_000, "events": 3}

    def right(asked: dict[str, int]) -> np.ndarray:
        events = visitor_events(warehouse, "v1", end=moment(asked["to_ms"]))
        scored = app_context.models.scorer(model_id).score(events[list(EVENT_COLUMNS)], items(warehouse))
        return np.asarray(scored[-asked["events"] :])

    def told(asked: dict[str, int]) -> np.ndarray:
        return np.array(_scores(client, model_id, **asked).json()["values"]).reshape(-1, len(INTENTS)) / 10_000

    before = told(first_three)
    phone = MUG | {"title": "Red phone", "price": 300.0, "updated_at": datetime(2026, 5, 6)}
    append_events(warehouse, table(), items=items_table(phone))
    assert np.abs(told(first_three) - before).max() > 0.0002
    np.testing.assert_allclose(told(first_three), right(first_three), atol=1e-4)

    late = event(7, minutes=0.5, session_id="s0", event_type="search", query="mug")
    append_events(warehouse, table(late))
    np.testing.assert_allclose(told(first_three), right(first_three), atol=1e-4)

    second_session = {"to_ms": START_MS + 2 * 86_400_000, "events": 2}
    asked = second_session | {"from_ms": START_MS + 86_400_000}
    told(asked)
    append_events(warehouse, table(event(8, minutes=1, session_id="s0", event_type="message", text="refund policy")))
    np.testing.assert_allclose(told(asked), right(second_session), atol=1e-4)


def test_stored_scores_are_told_with_the_changes_of_intent(
    client: TestClient, app_context: AppContext, tmp_path: Path
) -> None:
    model_id = register(app_context, tmp_path)
    rows = [
        {
            "event_id": f"e{n}",
            "session_id": "s0" if n < 3 else "s1",
            "visitor_id": "v1",
            "probabilities": [float(k == (n > 0)) for k in range(len(INTENTS))],
        }
        for n in range(5)
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "scored.parquet")
    append_predictions(app_context.warehouse, tmp_path / "scored.parquet", model_id)
    reordered = [*INTENTS[1:], INTENTS[0], "unknown"]
    answer = _scores(client, model_id, intents=reordered).json()
    assert not answer["scored_now"]
    assert answer["values"][: len(reordered)] == [0] * (len(INTENTS) - 1) + [10_000, 0]
    assert answer["changes"] == []  # one event of the first intent, which did not stay
    assert _scores(client, model_id, events=2, from_ms=START_MS + 86_400_000).json()["event_ids"] == ["e3", "e4"]


@pytest.fixture
def linked(app_context: AppContext) -> None:
    """v2 is the same person as v1, with events right between the first three of v1; v3 is somebody else."""
    rows = [event(10 + n, visitor="v2", minutes=n + 0.5, session_id="t0") for n in range(2)]
    append_events(app_context.warehouse, table(*rows, event(20, visitor="v3", minutes=0.2, session_id="u0")))
    app_context.warehouse.write(lambda cursor: add_links(cursor, [("v1", "ada"), ("v2", "ada")]))


@pytest.mark.usefixtures("linked")
@pytest.mark.parametrize("visitor", ["v1", "v2", "ada"])
def test_a_persons_visitors_are_one_window_by_any_of_their_ids(client: TestClient, visitor: str) -> None:
    columns = _events(client, visitor_id=visitor, person=True)["events"]
    assert columns["event_id"] == ["e0", "e10", "e1", "e11", "e2", "e3", "e4"]
    assert columns["visitor_id"] == ["v1", "v2", "v1", "v2", "v1", "v1", "v1"]
    assert columns["cart_value"] == [0, 0, 16.0, 0, 0, 0, 0]
    assert "visitor_id" not in _events(client, visitor_id="v3", person=True)["events"]
    assert _events(client, visitor_id="v2")["events"]["event_id"] == ["e10", "e11"]


@pytest.mark.usefixtures("linked")
def test_each_visitor_of_a_person_is_scored_as_if_alone(
    client: TestClient, app_context: AppContext, tmp_path: Path
) -> None:
    model_id = register(app_context, tmp_path)

    def told(**asked: object) -> dict[str, list[int]]:
        answer = _scores(client, model_id, **asked).json()
        rows = np.array(answer["values"]).reshape(-1, len(INTENTS)).tolist()
        return dict(zip(answer["event_ids"], rows, strict=True))

    person = told(visitor_id="ada", person=True, events=7)
    assert list(person) == ["e0", "e10", "e1", "e11", "e2", "e3", "e4"]
    alone = told() | told(visitor_id="v2", events=2)
    for event_id, row in alone.items():
        np.testing.assert_allclose(person[event_id], row, atol=1)


@pytest.mark.usefixtures("linked")
def test_who_else_a_visitor_was_is_told_by_any_id(client: TestClient) -> None:
    answer = client.get("/v1/visitors/v2/person").json()
    PersonAnswer.model_validate(answer, strict=True)
    assert [(one["visitor_id"], one["sessions"], one["events"]) for one in answer["visitors"]] == [
        ("ada", 0, 0),
        ("v1", 2, 5),
        ("v2", 1, 2),
    ]
    assert answer["visitors"][2]["first_at"] == "2026-05-04T10:00:30.000Z"
    assert client.get("/v1/visitors/ada/person").json()["visitors"] == answer["visitors"]
    assert len(client.get("/v1/visitors/v3/person").json()["visitors"]) == 1
    assert client.get("/v1/visitors/nobody/person").status_code == 404
    for refused in ("x" * 1001, "", "%ED%A0%80"):
        assert client.get(f"/v1/visitors/{refused}/person").status_code in (400, 404)
    assert client.get("/v1/visitors/%00/person").status_code == 404


def test_an_unknown_model_is_named(client: TestClient) -> None:
    answer = _scores(client, "nobodys")
    assert answer.status_code == 404
    assert "nobodys" in answer.json()["error"]["message"]


@pytest.mark.parametrize("path", ["/v1/timeline/events", "/v1/timeline/scores"])
def test_a_foreign_page_may_not_read_a_visitor(client: TestClient, path: str) -> None:
    assert client.post(path, json={"visitor_id": "v1"}, headers={"Origin": "http://elsewhere.test"}).status_code == 403
