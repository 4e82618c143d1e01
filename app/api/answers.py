"""Questions for intents, answered: many together by few forward passes, each with its own answer or its own error."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from pydantic import ValidationError

from app.api.errors import ApiError, api_error
from app.api.explained_events import explained_events
from app.api.given_events import frame_of_given_events
from app.api.messages import IntentQuestion
from app.context import AppContext
from core.errors import IntentLensError
from core.realtime.visitor_intent import VisitorIntent

MOST_EXPLAINED = 20
"""Questions of one request that may ask for an explanation, each of which takes up to a third of a second."""


@dataclass(frozen=True)
class _Asked:
    """A question that can be answered: its place among all, and the events to read for it."""

    place: int
    question: IntentQuestion
    events: pd.DataFrame


def answer_question(app_context: AppContext, question: IntentQuestion) -> dict[str, Any]:
    """The JSON of one answer.

    Raises:
        ApiError, IntentLensError: it cannot be answered.
    """
    if not question.explain:
        return intent_body(_intent_of(app_context, question), question.top_k)
    events = events_of(app_context, question)
    return _body(app_context, question, events, app_context.tracker.intent_of_events(events))


def answer_questions(app_context: AppContext, questions: Sequence[Any]) -> list[dict[str, Any]]:
    """The JSON of each answer in the order asked, or {"error": …} where one question cannot be answered.

    Raises:
        ApiError: too many explanations are asked for.
        NoModelError: no model can serve, so that nothing can be answered.
    """
    answers: list[dict[str, Any]] = [{} for _ in questions]
    asked: list[_Asked] = []
    for place, given in enumerate(questions):
        try:
            question = IntentQuestion.model_validate(given)
            asked.append(_Asked(place, question, events_of(app_context, question)))
        except (ApiError, IntentLensError, ValidationError) as error:
            answers[place] = {"error": api_error(error).body}
    _check_explanations(sum(one.question.explain for one in asked))
    intents = app_context.tracker.intents_of_streams([one.events for one in asked]) if asked else []
    for one, intent in zip(asked, intents, strict=True):
        answers[one.place] = _body(app_context, one.question, one.events, intent)
    return answers


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


def _intent_of(app_context: AppContext, question: IntentQuestion) -> VisitorIntent:
    if question.visitor_id is not None:
        return app_context.tracker.intent_of_visitor(question.visitor_id)
    if question.session_id is not None:
        return app_context.tracker.intent_of_session(question.session_id)
    return app_context.tracker.intent_of_events(events_of(app_context, question))


def events_of(app_context: AppContext, question: IntentQuestion) -> pd.DataFrame:
    """The events to read for a question. Raises: ApiError, IntentLensError."""
    if question.visitor_id is not None:
        return app_context.tracker.events_of_visitor(question.visitor_id)
    if question.session_id is not None:
        return app_context.tracker.events_of_session(question.session_id)
    return frame_of_given_events(question.events or [], app_context.clock())


def _body(
    app_context: AppContext, question: IntentQuestion, events: pd.DataFrame, intent: VisitorIntent
) -> dict[str, Any]:
    body = intent_body(intent, question.top_k)
    return body | {"explanation": _explanation(app_context, events, intent)} if question.explain else body


def _explanation(app_context: AppContext, events: pd.DataFrame, intent: VisitorIntent) -> dict[str, Any]:
    """The heatmap of the likeliest intent at the last event."""
    from core.explain.attribution import explain_event  # torch and captum, only once someone asks why

    asked = explained_events(app_context, events, app_context.models.scorer(intent.model_version))
    last = str(events["event_id"].iloc[-1])
    return explain_event(*asked.inputs, event_id=last, intent=asked.own_intent(intent.intents[0][0])).to_dict()


def _check_explanations(wanted: int) -> None:
    if wanted > MOST_EXPLAINED:
        message = f"{wanted} explanations are asked for, at most {MOST_EXPLAINED} are made for one request."
        raise ApiError(400, "too_many_explanations", message, field="questions.explain", value=wanted)
