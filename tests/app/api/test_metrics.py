"""/metrics, read by the parser of Prometheus' own library."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from app.api.application import create_api
from app.context import AppContext, close_context, start_context
from core.realtime.replay_source import ReplaySource
from core.settings import Settings
from tests.app.api.messages import viewed
from tests.app.api.test_error_shape import assert_error_shape
from tests.app.api.test_intent import register
from tests.app.api.test_stream import update
from tests.core.collect.broker.conftest import nats_server
from tests.core.collect.broker.nats_server import NatsServer, wait_until

__all__ = ["nats_server"]

Labels = frozenset[tuple[str, str]]


def scraped(client: TestClient) -> Mapping[tuple[str, Labels], float]:
    """{(sample, labels): value}."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    families = text_string_to_metric_families(answer.text)
    return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}


def value(samples: Mapping[tuple[str, Labels], float], name: str, **labels: str) -> float:
    return samples.get((f"intentlens_{name}", frozenset(labels.items())), 0.0)


def fates(samples: Mapping[tuple[str, Labels], float]) -> Mapping[str, float]:
    return {fate: value(samples, "events_total", fate=fate) for fate in ("accepted", "duplicate", "refused")}


def test_events_are_counted_by_what_became_of_them(client: TestClient) -> None:
    for _ in range(2):
        client.post("/v1/batch", json={"batch": [viewed(1), viewed(2), {"type": "track"}]})
    samples = scraped(client)
    assert fates(samples) == {"accepted": 2, "duplicate": 2, "refused": 2}
    assert value(samples, "messages_waiting") == 0
    assert value(samples, "warehouse_bytes") > 1000


def test_a_brokers_events_are_counted_with_those_of_requests(settings: Settings, nats_server: NatsServer) -> None:
    started = start_context(replace(settings, broker_url=nats_server.url))
    try:
        with TestClient(create_api(started)) as client:
            client.post("/v1/batch", json={"batch": [viewed(1), viewed(2)]}).raise_for_status()
            wait_until(lambda: started.broker is not None and started.broker.status.connected, "connected")
            nats_server.publish([viewed(2), viewed(3), b"{"])
            wait_until(lambda: started.broker is not None and started.broker.status.refused == 1, "all three")
            assert fates(scraped(client)) == {"accepted": 3, "duplicate": 1, "refused": 1}
    finally:
        close_context()


def test_a_replay_counts_nothing_twice(client: TestClient, app_context: AppContext) -> None:
    app_context.replays.start(ReplaySource(end=datetime(2026, 8, 25)), speed=0)
    assert app_context.replays.wait(60).sent > 500
    assert fates(scraped(client)) == {"accepted": 0, "duplicate": 0, "refused": 0}


def test_requests_are_counted_by_route_and_status_and_never_by_path(client: TestClient) -> None:
    for visitor in ("a", "b", "c"):
        client.get(f"/v1/visitors/{visitor}/intent")
    client.get("/v1/typo/1")
    client.get("/v1/typo/2")
    client.post("/v1/track", json=viewed(1))
    samples = scraped(client)
    name = "http_request_duration_seconds_count"
    route = "/v1/visitors/{visitor_id:path}/intent"
    assert value(samples, name, method="GET", route=route, status="404") == 3
    assert value(samples, name, method="GET", route="none", status="404") == 2
    assert value(samples, name, method="POST", route="/v1/track", status="200") == 1
    bucket = "http_request_duration_seconds_bucket"
    assert value(samples, bucket, method="POST", route="/v1/track", status="200", le="10.0") == 1


def test_the_model_that_serves_is_named(client: TestClient, app_context: AppContext, tmp_path: Path) -> None:
    assert value(scraped(client), "model_info", model_version="") == 1
    model_id = register(app_context, tmp_path)
    app_context.models.serving(60)
    samples = scraped(client)
    assert value(samples, "model_info", model_version=model_id) == 1
    assert value(samples, "model_ready") == 1


def test_updates_streams_webhooks_and_the_process_are_told(client: TestClient, app_context: AppContext) -> None:
    app_context.updates.publish([update("a", "browse"), update("b", "browse")])
    samples = scraped(client)
    assert value(samples, "updates_total") == 2
    assert value(samples, "streams_open") == 0
    for outcome in ("delivered", "failed", "dead"):
        assert ("intentlens_webhook_tries_total", frozenset({("outcome", outcome)})) in samples
    assert samples["process_resident_memory_bytes", frozenset()] > 1e6


def test_openmetrics_is_spoken_to_who_asks_for_it(client: TestClient) -> None:
    answer = client.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert "intentlens_events" in {family.name for family in parse_openmetrics(answer.text)}


@pytest.mark.parametrize(("path", "status"), [("/metrics", 401), ("/healthz", 200), ("/readyz", 200)])
def test_metrics_need_the_api_key_and_health_does_not(path: str, status: int, app_context: AppContext) -> None:
    closed = replace(app_context, settings=replace(app_context.settings, api_key="secret"))
    with TestClient(create_api(closed)) as client:
        answer = client.get(path)
        assert answer.status_code == status
        if status == 401:
            assert_error_shape(answer)
            assert client.get(path, headers={"X-API-Key": "secret"}).status_code == 200
