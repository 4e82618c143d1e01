"""POST /v1/intent, GET /v1/visitors/{visitor_id}/intent, and the same for many at once."""

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.api.access import check_reading
from app.api.answers import answer_question, answer_questions
from app.api.body import read_json
from app.api.errors import ApiError
from app.api.explain import Explainers
from app.api.messages import IntentQuestion, IntentQuestions
from app.api.repeated import repeated
from app.context import AppContext

T = TypeVar("T")


async def post_intent(request: Request) -> Response:
    """The intent of a visitor, of a session, or of the events in the body; with `explain` also why."""
    app_context: AppContext = request.app.state.context
    check_reading(request, app_context.settings)
    question = IntentQuestion.model_validate(await read_json(request))
    answer = await _run(request, lambda: answer_question(app_context, question), explains=question.explain)
    return JSONResponse(answer)


async def post_intents(request: Request) -> Response:
    """Many questions, scored together; each is answered or refused for itself, in the order asked."""
    app_context: AppContext = request.app.state.context
    check_reading(request, app_context.settings)
    asked = IntentQuestions.model_validate(await read_json(request))
    explains = any(isinstance(question, dict) and question.get("explain") for question in asked.questions)
    answers = await _run(request, lambda: answer_questions(app_context, asked.questions), explains=explains)
    return JSONResponse({"answers": answers})


async def get_visitor_intent(request: Request) -> Response:
    """The intent of a visitor now; `?top_k=` shortens the answer, `?explain=true` adds why."""
    app_context: AppContext = request.app.state.context
    check_reading(request, app_context.settings)
    question = IntentQuestion(visitor_id=request.path_params["visitor_id"] or None, **_options(request))
    answer = await _run(request, lambda: answer_question(app_context, question), explains=question.explain)
    return JSONResponse(answer)


async def get_visitors_intent(request: Request) -> Response:
    """The intents of the visitors named by `?visitor_id=`, which is repeated: an id may hold any separator.

    Explanations are for POST, where each question asks for its own: fifty of them would take too long for one answer.
    """
    app_context: AppContext = request.app.state.context
    check_reading(request, app_context.settings)
    visitors = repeated(request, "visitor_id")
    if not visitors:
        message = "No visitor is named, expected ?visitor_id=a&visitor_id=b; POST /v1/intent/batch takes more."
        raise ApiError(400, "invalid_query", message, field="visitor_id")
    top_k = _top_k(request.query_params.get("top_k"))
    questions = [{"visitor_id": visitor_id, "top_k": top_k} for visitor_id in visitors]
    return JSONResponse({"answers": await run_in_threadpool(answer_questions, app_context, questions)})


async def _run(request: Request, answer: Callable[[], T], *, explains: bool) -> T:
    """In a thread; where it explains, in one of the few that are for that, so that all others go on being answered."""
    if not explains:
        return await run_in_threadpool(answer)
    explainers: Explainers = request.app.state.explainers
    return await explainers.run(answer)


def _options(request: Request) -> dict[str, Any]:
    """`top_k` and `explain` of the query.

    Raises:
        ApiError: 400 for a value that cannot be used.
    """
    top_k, explain = request.query_params.get("top_k"), request.query_params.get("explain", "false")
    if explain not in {"true", "false"}:
        raise ApiError(400, "invalid_query", "explain is true or false.", field="explain", value=explain)
    return {"top_k": _top_k(top_k), "explain": explain == "true"}


def _top_k(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return IntentQuestion(visitor_id="-", top_k=int(text)).top_k
    except (ValueError, ValidationError):
        raise ApiError(400, "invalid_query", "top_k is a number from 1 to 100.", field="top_k", value=text) from None
