"""The labelled sessions beside an explanation: the most similar, and those that spoke most for and against it."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from app.api.explained_events import ExplainedEvents
from app.context import AppContext
from core.intents.labels_now import labels_now

if TYPE_CHECKING:
    from core.explain.lessons.lessons import Lesson

WAIT_S = 20.0
"""How long a question waits for the labelled sessions to be read, which happens once for each model."""


def neighbours_of(
    app_context: AppContext, asked: ExplainedEvents, intent: str, against: str | None, most: int
) -> dict[str, Any]:
    """The JSON of the lists.

    Raises:
        OverloadedError: the labelled sessions are still being read.
    """
    lessons = app_context.lessons.lessons(asked.scorer.model_id, WAIT_S)
    session_id = asked.events["session_id"].iloc[-1]
    evidence = lessons.ask(
        *asked.inputs[1:], intent=intent, against=against, most=most, without_session=str(session_id)
    )
    return {
        "similar": _told(app_context, asked, evidence.similar),
        "speaking_for": _told(app_context, asked, evidence.speaking_for),
        "speaking_against": _told(app_context, asked, evidence.speaking_against),
        "labelled": evidence.lessons,
        "checkpoints": evidence.checkpoints,
        "labels_noted": evidence.is_exact,
    }


def _told(app_context: AppContext, asked: ExplainedEvents, lessons: "Sequence[Lesson]") -> list[dict[str, Any]]:
    """The lessons with their labels of today, the model's intents as they count today."""
    now = dict(zip(asked.scorer.intents, asked.now, strict=True))
    labels = labels_now(app_context.warehouse, [(lesson.session_id, lesson.event_id) for lesson in lessons])
    told = []
    for lesson in lessons:
        label = labels[(lesson.session_id, lesson.event_id)]
        means = {"taught": now[lesson.taught], "guess": now[lesson.guess]}
        told.append(asdict(lesson) | means | {"label": label.intent, "annotators": list(label.annotators)})
    return told
