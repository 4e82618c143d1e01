"""An event posted to the collector becomes an update of its visitor's intent."""

import time
from pathlib import Path

from starlette.testclient import TestClient

from app.context import AppContext
from tests.app.api.messages import viewed
from tests.app.api.test_intent import register


def test_each_posted_event_is_followed_by_an_update(
    client: TestClient, app_context: AppContext, tmp_path: Path
) -> None:
    register(app_context, tmp_path)
    app_context.models.serving(60)
    assert client.post("/v1/track", json=viewed(1, visitor="someone")).status_code == 200
    deadline = time.monotonic() + 60
    while not app_context.updates.since(0) and time.monotonic() < deadline:
        time.sleep(0.02)
    (update,) = app_context.updates.since(0)
    asked = client.get("/v1/visitors/someone/intent").json()
    assert (update.visitor_id, update.event_id, update.event_type) == ("someone", "m-1", "view")
    assert update.changed
    assert update.intent == asked["intents"][0]["label"]
