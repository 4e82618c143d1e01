"""What the server did, as Prometheus reads it: requests are counted here, everything else is looked up when asked.

Events are counted by the intake, once a post and never once an event, so that a broker's are counted too. The
exposition is prometheus_client's.
"""

import time
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

from prometheus_client import CollectorRegistry, GCCollector, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.streams import Streams
from app.context import AppContext
from core.collect.fates import FATES, Fates
from core.errors import IntentLensError
from core.registry.models import champion
from core.store.replay_queries import REPLAY_SOURCE
from core.store.webhook_queries import count_deliveries

BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
NO_ROUTE = "none"
"""The route of a request for a path that is not answered: were paths told as they are, anyone could fill the memory."""


class Metrics:
    """Those of one API; its registry holds nothing of any other in the process."""

    def __init__(self, app_context: AppContext, streams: Streams) -> None:
        self.registry = CollectorRegistry()
        self.requests = Histogram(
            "intentlens_http_request_duration_seconds",
            "Time from a request's arrival to the end of its answer; of a stream, to the end of the stream.",
            ("method", "route", "status"),
            buckets=BUCKETS_S,
            registry=self.registry,
        )
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self.registry.register(_Live(app_context, streams))


class Measured:
    """ASGI middleware around the API's router: how long each request took, by the route that answered it."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._requests = metrics.requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def send_and_see(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_and_see)
        finally:
            route = getattr(scope.get("route"), "path", NO_ROUTE)
            method = scope["method"] if scope["method"] in _METHODS else "OTHER"
            self._requests.labels(method, route, str(status)).observe(time.perf_counter() - started)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class _Live:
    """What is looked up at each scrape."""

    def __init__(self, app_context: AppContext, streams: Streams) -> None:
        self._context = app_context
        self._streams = streams

    def describe(self) -> Iterable[Metric]:
        """Nothing is looked up when the collector is registered."""
        return []

    def collect(self) -> Iterator[Metric]:
        """All of it, as far as it can be known now."""
        context = self._context
        yield InfoMetricFamily("intentlens_build", "The version that runs.", {"version": version("intentlens")})
        yield self._events()
        yield _gauge("messages_waiting", "Messages of trackers that wait to be stored.", context.intake.waiting)
        yield _gauge("streams_open", "Consumers of /v1/stream.", len(self._streams))
        yield _counter("updates", "Updates of shoppers' intents told since the start.", context.updates.last_sequence)
        yield _gauge("warehouse_bytes", "Size of the warehouse with its log.", self._warehouse_bytes())
        yield from self._model()
        yield from self._webhooks()

    def _events(self) -> Metric:
        """Of trackers, by requests and by the broker; a replay plays what was counted once."""
        told = self._context.intake.fates.items()
        total = sum((fates for dialect, fates in told if dialect != REPLAY_SOURCE), Fates())
        events = CounterMetricFamily(
            "intentlens_events", "Events that trackers sent, by what became of them.", labels=["fate"]
        )
        for fate in FATES:
            events.add_metric([fate], getattr(total, fate))
        return events

    def _warehouse_bytes(self) -> int:
        path = self._context.settings.warehouse_path
        files = [path, path.with_name(path.name + ".wal")]
        return sum(_size(file) for file in files)

    def _model(self) -> Iterator[Metric]:
        try:
            record = champion(self._context.warehouse)
            state = self._context.models.state()
        except IntentLensError:  # the warehouse is being opened anew; the next scrape will know
            return
        yield _gauge("model_ready", "Whether the model that serves is in memory and warm.", int(state == "ready"))
        served = {"model_version": record.model_id if record else ""}
        yield InfoMetricFamily("intentlens_model", "The model that serves; empty while there is none.", served)

    def _webhooks(self) -> Iterator[Metric]:
        outcomes = CounterMetricFamily(
            "intentlens_webhook_tries", "Tries to deliver a message to a webhook since the start.", labels=["outcome"]
        )
        for outcome in ("delivered", "failed", "dead"):
            outcomes.add_metric([outcome], self._context.webhooks.sender.outcomes[outcome])
        yield outcomes
        try:
            counts = count_deliveries(self._context.warehouse)
        except IntentLensError:
            return
        for status, words in (("due", "Messages on their way to webhooks."), ("dead", "Messages that were given up.")):
            number = sum(count for (_, of_status), count in counts.items() if of_status == status)
            yield _gauge(f"webhook_messages_{status}", words, number)


def _size(file: Path) -> int:
    """In bytes; 0 where it is not there, as a log that was taken into the file a moment ago."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"intentlens_{name}", words, value)


def _counter(name: str, words: str, value: float) -> CounterMetricFamily:
    return CounterMetricFamily(f"intentlens_{name}", words, value)
