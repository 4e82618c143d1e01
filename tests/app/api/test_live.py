"""An event posted to the collector becomes an update of its visitor's intent."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from app.api.application import create_api
from app.context import AppContext, close_context, start_context
from core.settings import Settings


@pytest.fixture
def sample_context(settings: Settings) -> Iterator[AppContext]:
    started = start_context(replace(settings, sample_shop=True))
    started.starter.wait(60)
    yield started
    close_context()


def test_each_posted_event_is_followed_by_an_update(sample_context: AppContext) -> None:
    sample_context.models.serving(60)
    with TestClient(create_api(sample_context)) as client:
        message = {"type": "track", "event": "Product Viewed", "anonymousId": "someone", "messageId": "m1"}
        assert client.post("/v1/track", json=message | {"properties": {"product_id": "p1"}}).status_code == 200
        deadline = time.monotonic() + 60
        while not sample_context.updates.since(0) and time.monotonic() < deadline:
            time.sleep(0.02)
        (update,) = sample_context.updates.since(0)
        asked = client.get("/v1/visitors/someone/intent").json()
    assert (update.visitor_id, update.event_id, update.event_type) == ("someone", "m1", "view")
    assert update.changed
    assert update.intent == asked["intents"][0]["label"]
