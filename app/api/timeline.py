"""POST /v1/timeline/events and /v1/timeline/scores: what the timeline of the Visitor page draws.

Its browser asks here and not through its component's channel, so that the events are drawn before any model has
answered, and so that panning into another year costs no run of the page's script.
"""

import json
from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from app.api.access import check_page_access
from app.api.body import read_json
from app.api.messages import ScoresQuestion, TimelineQuestion
from app.context import AppContext
from app.views.timeline_scores import timeline_scores
from app.views.timeline_window import timeline_window

EVENTS_URL = "/v1/timeline/events"
SCORES_URL = "/v1/timeline/scores"


async def post_timeline_events(request: Request) -> Response:
    """A window of a visitor's events with their annotations."""
    app_context: AppContext = request.app.state.context
    check_page_access(request, app_context.settings)
    asked = TimelineQuestion.model_validate(await read_json(request))
    return await _answer(lambda: timeline_window(app_context.warehouse, asked))


async def post_timeline_scores(request: Request) -> Response:
    """A model's probabilities at such a window; waits for the model to load if it must."""
    app_context: AppContext = request.app.state.context
    check_page_access(request, app_context.settings)
    asked = ScoresQuestion.model_validate(await read_json(request))
    return await _answer(lambda: timeline_scores(app_context, asked))


async def _answer(work: Callable[[], dict[str, Any]]) -> Response:
    """Written as JSON in the same thread, since it is long."""
    body = await run_in_threadpool(lambda: json.dumps(work(), ensure_ascii=False, separators=(",", ":")).encode())
    return Response(body, media_type="application/json")
