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
from app.api.errors import EXCEPTION_HANDLERS
from app.api.guidelines import GUIDELINES_URL, get_guidelines
from app.api.health import get_healthz, get_readyz
from app.api.intent import get_visitor_intent, post_intent
from app.api.labels import CARDS_URL, LABELS_URL, post_cards, post_labels
from app.api.media import get_media
from app.api.timeline import EVENTS_URL, SCORES_URL, post_timeline_events, post_timeline_scores
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
    api = Starlette(routes=_routes(), exception_handlers=EXCEPTION_HANDLERS)
    api.router.redirect_slashes = False  # an unknown path is 404 in the error shape
    api.state.context = app_context
    return api


def _routes() -> Sequence[Route]:
    return [
        *(_collector(path, post_batch) for path in BATCH_ROUTES),
        *(_collector(path, post_message) for path in MESSAGE_ROUTES),
        *(_collector(path + slash, post_posthog) for path in POSTHOG_ROUTES for slash in ("", "/")),
        *(_collector(path, post_ga4) for path in GA4_ROUTES),
        Route("/v1/intent", post_intent, methods=["POST"]),
        Route("/v1/visitors/{visitor_id:path}/intent", get_visitor_intent, methods=["GET"]),
        Route(LABELS_URL, post_labels, methods=["POST"]),
        Route(GUIDELINES_URL, get_guidelines, methods=["GET"]),
        Route(CARDS_URL, post_cards, methods=["POST"]),
        Route(EVENTS_URL, post_timeline_events, methods=["POST"]),
        Route(SCORES_URL, post_timeline_scores, methods=["POST"]),
        Route("/v1/media/{name}", get_media, methods=["GET"]),
        Route("/healthz", get_healthz, methods=["GET"]),
        Route("/readyz", get_readyz, methods=["GET"]),
    ]


def _collector(path: str, endpoint: Callable[[Request], Awaitable[Response]]) -> Route:
    return Route(path, endpoint, methods=["POST", "OPTIONS"], middleware=[_TRACKER_CORS])
