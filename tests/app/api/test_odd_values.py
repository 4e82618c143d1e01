"""Values that JSON can carry and nothing behind it can hold: each is refused by name, none breaks the answer."""

from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from app.api.application import create_api
from app.context import close_context, start_context
from core.settings import Settings
from tests.app.api.test_error_shape import assert_error_shape

WINDOW = '"visitor_id": "v", "model_id": "m", "intents": ["a"], "from_ms": 0, "to_ms": 1'


@pytest.mark.parametrize(
    ("path", "body", "field", "value"),
    [
        ("/v1/timeline/events", '{"visitor_id": "v", "at_ms": 1e999}', "at_ms", "inf"),
        ("/v1/timeline/events", '{"visitor_id": "v", "limit": -1e999}', "limit", "-inf"),
        ("/v1/timeline/events", '{"visitor_id": "v", "limit": true}', "limit", True),
        ("/v1/timeline/events", '{"visitor_id": "v", "limit": "5"}', "limit", "5"),
        ("/v1/timeline/events", '{"visitor_id": "v", "event_id": "a\\ud800"}', "event_id", "a\\ud800"),
        ("/v1/timeline/scores", f'{{{WINDOW}, "events": 1e999}}', "events", "inf"),
        ("/v1/timeline/scores", f'{{{WINDOW}, "events": 1, "intents": ["\\ud800"]}}', "intents.0", "\\ud800"),
        ("/v1/live/acknowledge", '{"alarm_id": "\\udfff"}', "alarm_id", "\\udfff"),
        ("/v1/replay", '{"action": "start", "source": "import", "import_id": "\\ud800"}', "import_id", "\\ud800"),
        ("/v1/replay", '{"action": "start", "speed": 1e999}', "speed", "inf"),
        ("/v1/replay", '{"action": "start", "start": 1e999}', "start", "inf"),
        ("/v1/replay", '{"action": "start", "start": 0}', "start", 0),
        ("/v1/replay", '{"action": "start", "end": "soon"}', "end", "soon"),
        (
            "/v1/replay",
            '{"action": "start", "start": "9999-12-31T23:59:59-14:00"}',
            "start",
            "9999-12-31T23:59:59-14:00",
        ),
        (
            "/v1/replay",
            '{"action": "start", "end": "0001-01-01T00:00:00+14:00"}',
            "end",
            "0001-01-01T00:00:00+14:00",
        ),
    ],
)
def test_it_is_400_with_the_field_and_the_value(
    path: str, body: str, field: str, value: object, client: TestClient
) -> None:
    answer = client.post(path, content=body)
    assert_error_shape(answer, 400)
    error = answer.json()["error"]
    assert (error["field"], error["value"]) == (field, value)


@pytest.mark.parametrize("text", ["\\u0000", "'; --", "%00"])
def test_odd_texts_are_looked_for_and_not_found(text: str, client: TestClient) -> None:
    assert client.post("/v1/timeline/events", content=f'{{"visitor_id": "{text}"}}').json()["count"] == 0
    assert client.post("/v1/live/acknowledge", content=f'{{"alarm_id": "{text}"}}').status_code == 404


@pytest.mark.parametrize("name", ["client_id", "session_id", "event_id", "note"])
def test_half_a_character_in_a_label_is_refused(name: str, client: TestClient) -> None:
    label = '"kind": "submit", "client_id": "c", "session_id": "s", "intent": "browse", "status": "submitted"'
    body = f'{{"annotator": "mei", "operations": [{{{label}, "{name}": "a\\ud800"}}]}}'
    assert_error_shape(client.post("/v1/labels", content=body), 400)


def test_a_name_that_is_half_a_character_is_refused(client: TestClient) -> None:
    assert_error_shape(client.post("/v1/timeline/events", content='{"visitor_id": "v", "\\ud800": 1}'), 400)


def test_a_whole_number_may_be_written_with_a_point(client: TestClient) -> None:
    assert client.post("/v1/timeline/events", content='{"visitor_id": "v", "limit": 5.0}').status_code == 200


def test_a_write_key_that_is_half_a_character_opens_nothing(settings: Settings) -> None:
    app_context = start_context(replace(settings, api_key="the-long-key"))
    with TestClient(create_api(app_context), raise_server_exceptions=False) as client:
        assert_error_shape(client.post("/v1/batch", content='{"batch": [], "writeKey": "a\\ud800"}'), 401)
    close_context()
