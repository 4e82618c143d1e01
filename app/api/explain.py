"""POST /v1/explain: why the model gives an intent its probability, as the Explain page shows it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
import pandas as pd
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.api.access import check_reading
from app.api.answers import events_of
from app.api.body import read_json
from app.api.errors import ApiError
from app.api.explained_events import explained_events
from app.api.messages import ExplainQuestion
from app.api.neighbours import neighbours_of
from app.context import MODEL_WAIT_S, AppContext
from core.errors import NoModelError, NotFoundError, OverloadedError
from core.realtime.tracker import CONTEXT_EVENTS
from core.registry.models import get_intent_model
from core.store.event_queries import visitor_context

if TYPE_CHECKING:
    from core.model.scorer import SessionScorer

T = TypeVar("T")
EXPLAIN_URL = "/v1/explain"
AT_ONCE = 2
"""Explanations made at the same time: each keeps a core busy, and events are stored and intents answered meanwhile."""
MOST_WAITING = 16
_NAMED = 5


class Explainers:
    """The places where explanations are made, apart from the threads that serve all other requests."""

    def __init__(self) -> None:
        self._places = anyio.CapacityLimiter(AT_ONCE)

    async def run(self, explain: Callable[[], T]) -> T:
        """What `explain` returns, once a place is free. Raises: OverloadedError, and what it raises."""
        if self._places.statistics().tasks_waiting >= MOST_WAITING:
            raise OverloadedError(f"{MOST_WAITING} explanations are waiting already; ask again in a moment.")
        return await anyio.to_thread.run_sync(explain, limiter=self._places)


async def post_explain(request: Request) -> Response:
    """Explain the prediction at one event of a visitor, of a session, or of the events in the body."""
    app_context: AppContext = request.app.state.context
    check_reading(request, app_context.settings)
    question = ExplainQuestion.model_validate(await read_json(request))
    explainers: Explainers = request.app.state.explainers
    return JSONResponse(await explainers.run(lambda: answer_explain(app_context, question)))


def answer_explain(app_context: AppContext, question: ExplainQuestion) -> dict[str, Any]:
    """The JSON of one explanation.

    Raises:
        ApiError, IntentLensError: there is no such visitor, session, event, intent or method, or no model.
    """
    from core.explain.contrast import explain  # torch and captum, only once someone asks why
    from core.explain.words import explain_words

    _check_method(question)
    events = _until(app_context, question)
    asked = explained_events(app_context, events, _scorer(app_context, question.model))
    wanted = question.intent or asked.likeliest()
    intent, against = asked.own_intent(wanted), question.against and asked.own_intent(question.against)
    if intent == against:
        message = f"The intent '{intent}' is set against itself, expected another one."
        raise ApiError(400, "invalid_body", message, field="against", value=question.against)
    last = str(events["event_id"].iloc[-1])
    options: dict[str, Any] = {"method": question.method, "thorough": question.thorough}
    heatmap = explain(*asked.inputs, event_id=last, intent=intent, against=against, **options)
    body = {"visitor_id": str(events["visitor_id"].iloc[-1]), "event_id": last, "against": None} | heatmap.to_dict()
    if question.words is not None:
        words = explain_words(*asked.inputs, event_id=question.words, intent=intent, against=against)
        body["words"] = words.to_dict()
    if question.neighbours is not None:
        body["neighbours"] = neighbours_of(app_context, asked, intent, against, question.neighbours)
    return body


def _check_method(question: ExplainQuestion) -> None:
    """Raises: ApiError naming the methods there are, or the one that sets nothing against anything."""
    from core.explain.methods.registry import method_named

    try:
        kind = method_named(question.method).kind
    except NotFoundError as error:
        raise ApiError(400, "invalid_body", str(error), field="method", value=question.method) from error
    if kind == "curiosity" and question.against is not None:
        message = f"The method '{question.method}' looks the same for every intent, so it takes no 'against'."
        raise ApiError(400, "invalid_body", message, field="against", value=question.against)


def _scorer(app_context: AppContext, model_id: str | None) -> "SessionScorer":
    """That of the model asked for, or of the one that serves. Raises: ApiError of one that cannot be asked."""
    if model_id is None:
        return app_context.models.serving(MODEL_WAIT_S)
    try:
        get_intent_model(app_context.warehouse, model_id)
    except NotFoundError as error:
        raise ApiError(404, "not_found", str(error), field="model", value=model_id) from error
    except NoModelError as error:
        raise ApiError(400, "invalid_body", str(error), field="model", value=model_id) from error
    return app_context.models.scorer(model_id)


def _until(app_context: AppContext, question: ExplainQuestion) -> pd.DataFrame:
    """The events to read, the explained one last, those before it as far as the model looks back."""
    events = events_of(app_context, question.asked())
    if question.event_id is None:
        return events
    allowed = events if question.session_id is None else events[events["session_id"] == question.session_id]
    event_ids = allowed["event_id"].tolist()
    if question.event_id not in event_ids:
        named = ", ".join(event_ids[-_NAMED:])
        message = f"There is no event '{question.event_id}' among these {len(event_ids)}; the last ones are {named}."
        raise ApiError(404, "not_found", message, field="event_id", value=question.event_id)
    if question.events is not None:
        place = events["event_id"].tolist().index(question.event_id)
        return events.iloc[: place + 1]
    visitor_id = str(events["visitor_id"].iloc[-1])
    return visitor_context(app_context.warehouse, visitor_id, question.event_id, limit=CONTEXT_EVENTS)
