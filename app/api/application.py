"""The API as an ASGI application of its own: routes, errors in one shape, and CORS for trackers in browsers."""

from collections.abc import Awaitable, Callable, Sequence

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.api.collect import (
    BATCH_ROUTES,
    GA4_ROUTES,
    MESSAGE_ROUTES,
    POSTHOG_ROUTES,
    post_batch,
    post_ga4,
    post_message,
    post_posthog,
)
from app.api.divergence import DIVERGENCE_URL, get_divergence
from app.api.docs import DOCS_URL, get_docs, get_docs_file
from app.api.errors import EXCEPTION_HANDLERS
from app.api.explain import EXPLAIN_URL, Explainers, post_explain
from app.api.guidelines import GUIDELINES_URL, get_guidelines
from app.api.health import get_healthz, get_readyz
from app.api.intent import get_visitor_intent, get_visitors_intent, post_intent, post_intents
from app.api.labels import CARDS_URL, LABELS_URL, post_cards, post_labels
from app.api.live import (
    ACKNOWLEDGE_URL,
    LIVE_URL,
    REPLAY_URL,
    get_live,
    post_acknowledge,
    post_replay,
)
from app.api.media import get_media
from app.api.metrics import Measured, Metrics
from app.api.monitoring import get_metrics
from app.api.openapi import DOCUMENT_URL, get_openapi
from app.api.person import PERSON_URL, get_person
from app.api.resource import resource
from app.api.stream import get_stream
from app.api.streams import Streams
from app.api.studies import (
    CANCEL_URL,
    RESULT_URL,
    STUDIES_URL,
    STUDY_URL,
    get_result,
    get_studies,
    get_study,
    post_cancel,
    post_study,
)
from app.api.timeline import EVENTS_URL, SCORES_URL, post_timeline_events, post_timeline_scores
from app.api.webhooks import (
    WEBHOOK_URL,
    WEBHOOKS_URL,
    get_deliveries,
    get_one_webhook,
    get_webhooks,
    patch_webhook,
    post_retry,
    post_test,
    post_webhook,
    remove_webhook,
)
from app.context import AppContext

_TRACKER_CORS = Middleware(
    CORSMiddleware,
    allow_origins=["*"],
    allow_methods=["POST"],
    allow_headers=["Authorization", "Content-Type", "Content-Encoding", "X-API-Key"],
    max_age=3600,
)
"""Any shop's pages may send events; no foreign page may read intents."""


def create_api(app_context: AppContext) -> Starlette:
    """The API over a started context."""
    streams = Streams(app_context.updates)
    metrics = Metrics(app_context, streams)
    measured = Middleware(Measured, metrics=metrics)
    api = Starlette(routes=_routes(), exception_handlers=EXCEPTION_HANDLERS, middleware=[measured])
    api.router.redirect_slashes = False  # an unknown path is 404 in the error shape
    api.state.context = app_context
    api.state.streams = streams
    api.state.explainers = Explainers()
    api.state.metrics = metrics
    return api


def _routes() -> Sequence[Route]:
    return [
        *(_collector(path, post_batch) for path in BATCH_ROUTES),
        *(_collector(path, post_message) for path in MESSAGE_ROUTES),
        *(_collector(path + slash, post_posthog) for path in POSTHOG_ROUTES for slash in ("", "/")),
        *(_collector(path, post_ga4) for path in GA4_ROUTES),
        Route("/v1/intent", post_intent, methods=["POST"]),
        Route("/v1/intent/batch", post_intents, methods=["POST"]),
        Route(EXPLAIN_URL, post_explain, methods=["POST"]),
        Route("/v1/visitors/intent", get_visitors_intent, methods=["GET"]),
        Route("/v1/visitors/{visitor_id:path}/intent", get_visitor_intent, methods=["GET"]),
        Route(PERSON_URL, get_person, methods=["GET"]),
        Route("/v1/stream", get_stream, methods=["GET"]),
        resource(WEBHOOKS_URL, {"GET": get_webhooks, "POST": post_webhook}),
        resource(WEBHOOK_URL, {"GET": get_one_webhook, "PATCH": patch_webhook, "DELETE": remove_webhook}),
        Route(f"{WEBHOOK_URL}/test", post_test, methods=["POST"]),
        Route(f"{WEBHOOK_URL}/deliveries", get_deliveries, methods=["GET"]),
        Route(f"{WEBHOOK_URL}/deliveries/{{delivery_id}}/retry", post_retry, methods=["POST"]),
        resource(STUDIES_URL, {"GET": get_studies, "POST": post_study}),
        Route(STUDY_URL, get_study, methods=["GET"]),
        Route(CANCEL_URL, post_cancel, methods=["POST"]),
        Route(RESULT_URL, get_result, methods=["GET"]),
        Route(DIVERGENCE_URL, get_divergence, methods=["GET"]),
        Route(LABELS_URL, post_labels, methods=["POST"]),
        Route(GUIDELINES_URL, get_guidelines, methods=["GET"]),
        Route(CARDS_URL, post_cards, methods=["POST"]),
        Route(LIVE_URL, get_live, methods=["GET"]),
        Route(ACKNOWLEDGE_URL, post_acknowledge, methods=["POST"]),
        Route(REPLAY_URL, post_replay, methods=["POST"]),
        Route(EVENTS_URL, post_timeline_events, methods=["POST"]),
        Route(SCORES_URL, post_timeline_scores, methods=["POST"]),
        Route("/v1/media/{name}", get_media, methods=["GET"]),
        Route(DOCUMENT_URL, get_openapi, methods=["GET"]),
        Route(DOCS_URL, get_docs, methods=["GET"]),
        Route(f"{DOCS_URL}/{{name}}", get_docs_file, methods=["GET"]),
        Route("/metrics", get_metrics, methods=["GET"]),
        Route("/healthz", get_healthz, methods=["GET"]),
        Route("/readyz", get_readyz, methods=["GET"]),
    ]


def _collector(path: str, endpoint: Callable[[Request], Awaitable[Response]]) -> Route:
    return Route(path, endpoint, methods=["POST", "OPTIONS"], middleware=[_TRACKER_CORS])
