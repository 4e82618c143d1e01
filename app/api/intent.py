"""POST /v1/intent and GET /v1/visitors/{visitor_id}/intent."""

from typing import Any

import pandas as pd
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.api.access import check_access
from app.api.body import read_json
from app.api.errors import ApiError
from app.api.given_events import frame_of_given_events
from app.api.messages import IntentQuestion
from app.context import AppContext
from core.realtime.visitor_intent import VisitorIntent


async def post_intent(request: Request) -> Response:
    """The intent of a visitor, of a session, or of the events in the body."""
    app_context: AppContext = request.app.state.context
    check_access(request, app_context.settings)
    question = IntentQuestion.model_validate(await read_json(request))
    intent = await run_in_threadpool(_answer, app_context, question)
    return JSONResponse(intent_body(intent, question.top_k))


async def get_visitor_intent(request: Request) -> Response:
    """The intent of a visitor now; `?top_k=` shortens the answer."""
    app_context: AppContext = request.app.state.context
    check_access(request, app_context.settings)
    top_k = _top_k(request.query_params.get("top_k"))
    visitor_id = request.path_params["visitor_id"]
    intent = await run_in_threadpool(app_context.tracker.intent_of_visitor, visitor_id)
    return JSONResponse(intent_body(intent, top_k))


def intent_body(intent: VisitorIntent, top_k: int | None = None) -> dict[str, Any]:
    """The answer's JSON, the likeliest intent first."""
    return {
        "visitor_id": intent.visitor_id,
        "session_id": intent.session_id,
        "model_version": intent.model_version,
        "as_of": intent.as_of.isoformat(timespec="milliseconds") + "Z",
        "intents": [{"label": label, "score": round(score, 6)} for label, score in intent.intents[:top_k]],
        "events_used": intent.events_used,
        "abstained": intent.abstained,
    }


def _answer(app_context: AppContext, question: IntentQuestion) -> VisitorIntent:
    tracker = app_context.tracker
    if question.visitor_id is not None:
        return tracker.intent_of_visitor(question.visitor_id)
    if question.session_id is not None:
        return tracker.intent_of_session(question.session_id)
    events: pd.DataFrame = frame_of_given_events(question.events or [], app_context.clock())
    return tracker.intent_of_events(events)


def _top_k(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return IntentQuestion(visitor_id="-", top_k=int(text)).top_k
    except (ValueError, ValidationError):
        raise ApiError(400, "invalid_query", "top_k is a number from 1 to 100.", field="top_k", value=text) from None
