"""Every route answers every kind of mistake in the one error shape."""

import pytest
from starlette.routing import Route
from starlette.testclient import TestClient

from app.api.application import create_api
from app.api.collect import BATCH_ROUTES, GA4_ROUTES, MESSAGE_ROUTES, POSTHOG_ROUTES
from app.context import AppContext

POST_ROUTES = [
    *BATCH_ROUTES,
    *MESSAGE_ROUTES,
    *(path + slash for path in POSTHOG_ROUTES for slash in ("", "/")),
    *GA4_ROUTES,
    "/v1/intent",
    "/v1/intent/batch",
    "/v1/explain",
    "/v1/labels",
    "/v1/labels/cards",
    "/v1/live/acknowledge",
    "/v1/replay",
    "/v1/timeline/events",
    "/v1/timeline/scores",
]
BODY_ROUTES = [
    "/v1/batch",
    "/v1/track",
    "/batch/",
    "/mp/collect",
    "/v1/intent",
    "/v1/intent/batch",
    "/v1/explain",
    "/v1/labels",
    "/v1/labels/cards",
    "/v1/replay",
    "/v1/studies",
]
"""One of each that reads its body in its own way."""

GET_ROUTES = [
    "/v1/visitors/v-1/intent",
    "/v1/visitors/v-1/person",
    "/v1/visitors/intent",
    "/v1/stream",
    "/v1/live",
    "/v1/guidelines",
    "/v1/divergence",
    "/v1/media/picture.png",
    "/metrics",
    "/v1/openapi.json",
    "/v1/docs",
    "/v1/docs/docs.css",
    "/healthz",
    "/readyz",
]
BAD_BODIES = [b"", b"{", b"7", b'"text"', b"\xff", b'{"batch": 1}', b'{"price": NaN}', b"[" * 100_000]


MANY_METHODS = ["/v1/webhooks", "/v1/webhooks/wh_0", "/v1/studies"]
"""Paths that answer several methods, each its own way."""

WEBHOOK_POSTS = ["/v1/webhooks/wh_0/test", "/v1/webhooks/wh_0/deliveries/msg_0/retry"]
WEBHOOK_GETS = ["/v1/webhooks/wh_0/deliveries"]
STUDY_POSTS = ["/v1/studies/explain-0/cancel"]
STUDY_GETS = ["/v1/studies/explain-0", "/v1/studies/explain-0/result"]
_PARAMETERS = {
    "v-1": "{visitor_id:path}",
    "picture.png": "{name}",
    "docs.css": "{name}",
    "wh_0": "{webhook_id}",
    "msg_0": "{delivery_id}",
    "explain-0": "{study_id}",
}


def assert_error_shape(answer, status: int | None = None) -> None:
    assert answer.headers["content-type"] == "application/json"
    assert set(answer.json()) == {"error"}
    error = answer.json()["error"]
    assert {"code", "message"} <= set(error) <= {"code", "message", "field", "value"}
    assert isinstance(error["code"], str)
    assert error["message"]
    if status is not None:
        assert answer.status_code == status


def test_the_lists_above_name_every_route(app_context: AppContext) -> None:
    declared = {route.path for route in create_api(app_context).routes if isinstance(route, Route)}
    listed = {*POST_ROUTES, *GET_ROUTES, *MANY_METHODS, *WEBHOOK_POSTS, *WEBHOOK_GETS, *STUDY_POSTS, *STUDY_GETS}
    for example, parameter in _PARAMETERS.items():
        listed = {path.replace(example, parameter) for path in listed}
    assert declared == listed


@pytest.mark.parametrize("body", BAD_BODIES, ids=[str(body[:14]) for body in BAD_BODIES])
@pytest.mark.parametrize("path", BODY_ROUTES)
def test_a_bad_body_is_400(path: str, body: bytes, client: TestClient) -> None:
    assert_error_shape(client.post(path, content=body), 400)


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/track", "/mp/collect", "/v1/intent", "/v1/labels"])
def test_a_list_where_an_object_belongs_is_400(path: str, client: TestClient) -> None:
    assert_error_shape(client.post(path, content=b"[]"), 400)


@pytest.mark.parametrize("path", BODY_ROUTES)
def test_damaged_or_unknown_encodings_are_refused(path: str, client: TestClient) -> None:
    assert_error_shape(client.post(path, content=b"{}", headers={"Content-Encoding": "gzip"}), 400)
    assert_error_shape(client.post(path, content=b"{}", headers={"Content-Encoding": "br"}), 415)


def test_another_method_is_405(client: TestClient) -> None:
    for path in (*POST_ROUTES, *WEBHOOK_POSTS, *STUDY_POSTS):
        assert_error_shape(client.get(path), 405)
    for path in (*GET_ROUTES, *WEBHOOK_GETS, *STUDY_GETS):
        assert_error_shape(client.post(path), 405)
    for path in MANY_METHODS:
        assert_error_shape(client.put(path), 405)


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/typo", "/v1/track/", "/v1/visitors/v-1", "/v1/media/nothing.png"])
def test_an_unknown_path_is_404(path: str, client: TestClient) -> None:
    assert_error_shape(client.get(path, follow_redirects=False), 404)


@pytest.mark.parametrize("name", ["..%2Fwarehouse.duckdb", "%2e%2e%2fwarehouse.duckdb", ".png", "a.svg", "a%00.png"])
def test_media_serves_pictures_of_its_folder_only(name: str, client: TestClient, app_context: AppContext) -> None:
    assert_error_shape(client.get(f"/v1/media/{name}"), 404)


def test_a_picture_is_served_to_be_cached(client: TestClient, app_context: AppContext) -> None:
    (app_context.settings.media_folder / "shoe.png").write_bytes(b"\x89PNG")
    answer = client.get("/v1/media/shoe.png")
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, b"\x89PNG", "image/png")
    assert "max-age" in answer.headers["cache-control"]


def test_what_nobody_foresaw_is_500_without_inner_details(client, app_context: AppContext, monkeypatch, caplog) -> None:
    def explode(*_: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(type(app_context.tracker), "intent_of_visitor", explode)
    answer = client.get("/v1/visitors/v-1/intent")
    assert_error_shape(answer, 500)
    assert "secret" not in answer.text
    assert "secret" in caplog.text


@pytest.mark.parametrize("top_k", ["0", "101", "many"])
def test_an_unusable_top_k_is_named(top_k: str, client: TestClient) -> None:
    answer = client.get(f"/v1/visitors/v-1/intent?top_k={top_k}")
    assert_error_shape(answer, 400)
    assert answer.json()["error"]["field"] == "top_k"
