"""Studies over HTTP: started, followed, cancelled and read; and what two models differ in."""

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from starlette.testclient import TestClient

from app.api.messages import MOST_STUDIED, MOST_SWEPT
from app.api.operations.study_answers import Divergence, StudyBody, StudyList, StudyResult
from app.api.operations.studying import STUDYING
from app.context import AppContext
from core.explain.study.job import MOST_PREFIXES, MOST_SESSIONS
from core.explain.study.told import PARTS
from core.registry.explanations import EXPLANATIONS_FILE, OCCURRENCES_FILE, write_rows
from tests.app.api.messages import viewed
from tests.app.api.test_error_shape import assert_error_shape
from tests.app.api.test_intent import register

ORDER = {"sessions": 4, "prefixes": 0, "method": "occlusion_of_events"}
OVER = {"finished", "failed", "stopped"}


@pytest.fixture
def model_id(app_context: AppContext, client: TestClient, tmp_path: Path) -> str:
    """A small model that serves, and visitors with some events each."""
    sent = [viewed(n) | {"anonymousId": f"v-{v}", "messageId": f"m-{v}-{n}"} for v in range(6) for n in range(3)]
    client.post("/v1/batch", json={"batch": sent}).raise_for_status()
    return register(app_context, tmp_path)


def _await(client: TestClient, url: str, timeout_s: float = 240) -> dict:
    deadline = time.monotonic() + timeout_s
    while (study := client.get(url).json())["status"] not in OVER and time.monotonic() < deadline:
        time.sleep(0.1)
    return study


def test_a_study_is_started_followed_and_read(client: TestClient, model_id: str) -> None:
    started = client.post("/v1/studies", json=ORDER)
    assert started.status_code == 202, started.text
    study = StudyBody.model_validate(started.json())
    url = started.headers["location"]
    assert (study.model, study.sessions, study.method, study.measured) == (model_id, 4, ORDER["method"], None)
    assert url == f"/v1/studies/{study.study_id}"

    again = client.post("/v1/studies", json=ORDER | {"model": model_id})
    assert_error_shape(again, 409)
    assert (again.json()["error"]["code"], again.headers["location"]) == ("already_running", url)
    early = client.get(f"{url}/result")
    assert_error_shape(early, 409)

    done = StudyBody.model_validate(_await(client, url))
    assert (done.status, done.error, done.measured and done.measured.sessions) == ("finished", None, 4)
    assert_error_shape(client.post(f"{url}/cancel"), 409)
    listed = StudyList.model_validate(client.get(f"/v1/studies?model={model_id}&status=finished").json())
    assert [one.study_id for one in listed.studies] == [study.study_id]
    assert client.get("/v1/studies?status=failed").json() == client.get("/v1/studies?model=m-9").json()
    _check_result(client, f"{url}/result")


def _check_result(client: TestClient, url: str) -> None:
    whole = client.get(url)
    result = StudyResult.model_validate(whole.json())
    assert result.predictions == 4
    assert sum(result.intents.values()) == 4
    assert result.parts is not None
    assert result.speaking is not None
    assert {*result.parts.type} == {*result.intents}
    some = client.get(url, params={"part": ["type", "plausibility"], "intent": [next(iter(result.intents))]}).json()
    assert {*some["parts"]} == {"type"}
    assert [*some["parts"]["type"]] == [next(iter(result.intents))]
    assert "plausibility" in some
    assert not {"measures", "randomized", "speaking", "dependence"} & {*some}
    assert all(len(rows) <= 1 for rows in client.get(f"{url}?limit=1&part=type").json()["parts"]["type"].values())
    for query, status in (("part=tarot", 400), ("limit=0", 400), ("limit=x", 400), ("intent=nothing", 404)):
        refused = client.get(f"{url}?{query}")
        assert_error_shape(refused, status)
        assert refused.json()["error"]["field"] == query.partition("=")[0]


def test_a_cancelled_study_has_no_result(client: TestClient, model_id: str) -> None:
    url = client.post("/v1/studies", json=ORDER | {"sessions": 5000}).headers["location"]
    assert client.post(f"{url}/cancel").status_code == 202
    assert _await(client, url)["status"] == "stopped"
    refused = client.get(f"{url}/result")
    assert_error_shape(refused, 409)
    assert "stopped" in refused.json()["error"]["message"]
    assert client.post("/v1/studies", json=ORDER).status_code == 202, "another may start"
    for study in client.get("/v1/studies").json()["studies"]:
        client.post(f"/v1/studies/{study['study_id']}/cancel")


@pytest.mark.parametrize(
    ("order", "status", "field"),
    [
        ({"model": "m-9"}, 404, "model"),
        ({"method": "tarot"}, 400, "method"),
        ({"sessions": 0}, 400, "sessions"),
        ({"sessions": MOST_STUDIED + 1}, 400, "sessions"),
        ({"prefixes": "many"}, 400, "prefixes"),
        ({"seed": -1}, 400, "seed"),
        ({"intent": "deal"}, 400, "intent"),
    ],
)
def test_an_unusable_order_is_named(order: dict, status: int, field: str, client: TestClient, model_id: str) -> None:
    refused = client.post("/v1/studies", json=order)
    assert_error_shape(refused, status)
    assert refused.json()["error"]["field"] == field
    assert client.get("/v1/studies").json() == {"studies": []}


def test_an_order_may_ask_for_as_much_as_the_job_does(app_context: AppContext, client: TestClient) -> None:
    assert (MOST_STUDIED, MOST_SWEPT) == (MOST_SESSIONS, MOST_PREFIXES)
    refused = client.post("/v1/studies", json={})
    assert_error_shape(refused, 503)
    assert refused.json()["error"]["code"] == "no_model"


@pytest.mark.parametrize("name", ["explain-1", "..", "%2e%2e", "a%00", "x" * 300])
def test_what_is_no_study_is_404(name: str, client: TestClient, app_context: AppContext) -> None:
    for path in ("", "/result"):
        assert_error_shape(client.get(f"/v1/studies/{name}{path}"), 404)
    assert_error_shape(client.post(f"/v1/studies/{name}/cancel"), 404)
    score = app_context.jobs.start("score", {}, target="core.jobs.spec:none")
    assert_error_shape(client.get(f"/v1/studies/{score}"), 404)
    app_context.jobs.stop(score)


@pytest.mark.parametrize("query", ["status=done", "limit=0", "limit=1001"])
def test_an_unusable_list_is_named(query: str, client: TestClient) -> None:
    refused = client.get(f"/v1/studies?{query}")
    assert_error_shape(refused, 400)
    assert refused.json()["error"]["field"] == query.partition("=")[0]


def _study(app_context: AppContext, model_id: str, planted: float) -> None:
    """Kept rows in which the model says `deal` to 30 visitors; the word `sale` adds so much, `oak` the same in all."""
    noise = np.random.default_rng(len(model_id))
    visitors = [f"v-{at}" for at in range(30)]
    base = pd.DataFrame({"visitor_id": visitors, "session_id": [f"{one}:1" for one in visitors], "intent": "deal"})
    rows = base.assign(**{"field:text": planted + noise.normal(0, 0.01, 30)})
    words = [
        base[["visitor_id", "intent"]].assign(kind="word", name=name, value=value + noise.normal(0, 0.01, 30))
        for name, value in (("sale", planted), ("oak", 0.2))
    ]
    about = {"model_id": model_id, "method": "integrated_gradients", "unlabelled": True}
    folder = app_context.settings.models_folder / model_id
    write_rows(folder / EXPLANATIONS_FILE, rows, about)
    write_rows(folder / OCCURRENCES_FILE, pd.concat(words), about)


def test_two_models_differ_in_the_word_that_was_planted(
    client: TestClient, app_context: AppContext, model_id: str, tmp_path: Path
) -> None:
    other = register(app_context, tmp_path, "other-model")
    bare = Divergence.model_validate(client.get(f"/v1/divergence?against={other}").json())
    assert bare.answers is None, "no session was scored, or held out, by both"
    assert bare.study is not None
    assert (bare.study.unstudied, bare.study.differences) == ([model_id, other], {})
    _study(app_context, model_id, 0.3)
    _study(app_context, other, -0.1)
    told = Divergence.model_validate(client.get(f"/v1/divergence?against={other}&part=word&part=field").json())
    assert "answers" not in client.get(f"/v1/divergence?against={other}&part=word").json()
    assert told.study is not None
    assert (told.study.intents, told.study.shared_sessions) == (["deal"], 30)
    assert {*told.study.differences} == {"field", "word"}
    sale, oak = told.study.differences["word"]["deal"]
    assert (sale.name, sale.n_first, sale.n_second) == ("sale", 30, 30)
    assert sale.low < 0.4 < sale.high
    assert (sale.first > 0 > sale.second, oak.low < 0 < oak.high) == (True, True)
    assert sale.adjusted_p < 0.05 < oak.adjusted_p
    one = client.get(f"/v1/divergence?against={other}&part=word&limit=1&intent=deal").json()["study"]["differences"]
    assert [row["name"] for row in one["word"]["deal"]] == ["sale"]


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("", 400, "against"),
        ("against=m-9", 404, "against"),
        ("against=tiny", 400, "against"),
        ("against=tiny&model=m-9", 404, "model"),
        ("against=tiny&part=tarot", 400, "part"),
        ("against=tiny&limit=-1", 400, "limit"),
    ],
)
def test_an_unusable_divergence_is_named(
    query: str, status: int, field: str, client: TestClient, model_id: str
) -> None:
    refused = client.get(f"/v1/divergence?{query}")
    assert_error_shape(refused, status)
    assert refused.json()["error"]["field"] == field


def test_every_part_of_a_study_is_documented() -> None:
    result = next(one for one in STUDYING if "getStudyResult" in one.paths.values())
    enum = next(one.schema["items"]["enum"] for one in result.parameters if one.name == "part")
    assert tuple(enum) == PARTS


def test_a_foreign_page_may_not_start_a_study(client: TestClient, model_id: str) -> None:
    assert_error_shape(client.post("/v1/studies", json=ORDER, headers={"Origin": "https://evil.example"}), 403)
    assert_error_shape(client.get("/v1/divergence?against=x", headers={"Origin": "https://evil.example"}), 403)
