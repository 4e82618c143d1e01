"""A model's probabilities at a window of a visitor's events, and where the intent changes: as stored, else computed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from app.api.messages import ScoresQuestion
from app.context import AppContext
from app.views.stream_digest import table_digest
from app.views.timeline_window import moment, visitors_asked
from app.views.visitor_records import epoch_ms
from core.intents.change_points import change_points
from core.intents.resolution import meanings
from core.intents.taxonomy import merged_intents
from core.registry.models import get_model
from core.store.item_queries import items as read_items
from core.store.prediction_queries import visitor_predictions
from core.store.stream_queries import stream_before, stream_window
from core.store.timeline_queries import newest_events

if TYPE_CHECKING:
    from core.model.scorer import SessionScorer

SCALE = 10_000
"""Probabilities travel as whole numbers of this many parts."""
MOST_BEFORE = 256
WINDOW_EVENTS = 5000
"""As many events as the timeline asks for first."""


def timeline_scores(app_context: AppContext, question: ScoresQuestion) -> dict[str, Any]:
    """The body of the answer.

    `event_ids` and `values` (their probabilities one event after the other, in the order of the intents asked for,
    parts of SCALE), `changes` ([event_id, intent before, intent after]) and `scored_now`.

    Raises:
        NotFoundError: no such model.
        BrokenCheckpointError: the model must be loaded and cannot be.
    """
    warehouse = app_context.warehouse
    model = get_model(warehouse, question.model_id)
    visitor_ids = visitors_asked(warehouse, question.visitor_id, question.person)
    start, end = moment(question.from_ms), moment(question.to_ms + 1)
    stored = visitor_predictions(warehouse, visitor_ids, model.model_id, start, end)
    given: Sequence[str] = model.intents
    event_ids, session_ids = stored["event_id"].tolist(), stored["session_id"].tolist()
    values = np.stack(stored["probabilities"].tolist()) if len(stored) else np.zeros((0, len(given)))
    if len(stored) < question.events:
        event_ids, session_ids, values, given = _computed(app_context, visitor_ids, question)
    counted = _in_order(values, meanings(given, merged_intents(warehouse)), question.intents)
    return {
        "event_ids": event_ids,
        "values": np.rint(counted * SCALE).astype(int).ravel().tolist(),
        "changes": _changes(event_ids, session_ids, counted, question.intents),
        "scored_now": len(stored) < question.events,
    }


def session_ends(
    app_context: AppContext, visitor_id: str, person: bool, model_id: str, intents: Sequence[str]
) -> dict[str, tuple[str, float]]:
    """The likeliest intent and its probability at the last event of the latest sessions of the visitor, or person.

    Of the very window that the timeline asks for first, so that it is computed once.
    """
    visitor_ids = visitors_asked(app_context.warehouse, visitor_id, person)
    events = newest_events(app_context.warehouse, visitor_ids, WINDOW_EVENTS).events
    if not len(events) or not intents:
        return {}
    first, last = (epoch_ms(events["occurred_at"][place].as_py()) for place in (0, len(events) - 1))
    question = ScoresQuestion(
        visitor_id=visitor_id,
        person=person,
        model_id=model_id,
        intents=list(intents),
        events=len(events),
        from_ms=first,
        to_ms=last,
    )
    found = timeline_scores(app_context, question)
    values = np.array(found["values"]).reshape(-1, len(intents)) / SCALE
    sessions = dict(zip(events["event_id"].to_pylist(), events["session_id"].to_pylist(), strict=True))
    return {
        sessions[event_id]: (intents[int(row.argmax())], float(row.max()))
        for event_id, row in zip(found["event_ids"], values, strict=True)
        if event_id in sessions
    }


def _in_order(values: np.ndarray, given: Sequence[str], wanted: Sequence[str]) -> np.ndarray:
    """[N, K'] in the order of `wanted`: those of merged intents added up, 0 for what the model does not know."""
    places = np.array([[meaning == intent for intent in wanted] for meaning in given], dtype=values.dtype)
    counted: np.ndarray = values @ places.reshape(len(given), len(wanted))
    return counted


def _changes(
    event_ids: Sequence[str], session_ids: Sequence[str], values: np.ndarray, intents: Sequence[str]
) -> list[list[str]]:
    """[event_id, intent before, intent after]; sessions may lie between one another, as those of a person do."""
    begun = {session_id: place for place, session_id in reversed(list(enumerate(session_ids)))}
    places = np.array(sorted(range(len(session_ids)), key=lambda place: (begun[session_ids[place]], place)), dtype=int)
    points = change_points(values[places], [session_ids[place] for place in places])
    found = sorted((int(places[one.at]), intents[one.before], intents[one.after]) for one in points)
    return [[event_ids[place], before, after] for place, before, after in found]


def _computed(
    app_context: AppContext, visitor_ids: Sequence[str], question: ScoresQuestion
) -> tuple[list[str], list[str], np.ndarray, Sequence[str]]:
    """Ids of events and sessions, probabilities [N, K] and their intents, by the model itself, which reads each
    visitor's events for themselves.
    """
    start, end = moment(question.from_ms), moment(question.to_ms + 1)
    window = stream_window(app_context.warehouse, visitor_ids, start, end, question.events)
    scorer = app_context.models.scorer(question.model_id)
    values = np.zeros((len(window), len(scorer.intents)))
    for visitor_id in pc.unique(window["visitor_id"]).to_pylist():
        own = pc.equal(window["visitor_id"], visitor_id)
        values[own.to_numpy()] = _of_visitor(app_context, scorer, window.filter(own))
    return window["event_id"].to_pylist(), window["session_id"].to_pylist(), values, scorer.intents


def _of_visitor(app_context: AppContext, scorer: "SessionScorer", window: pa.Table) -> np.ndarray:
    """[N, K] at a window of one visitor's events.

    The model also reads up to MOST_BEFORE events before the window, so that its first ones are not a stranger's.
    """
    visitor_id, at, event_id = (window[name][0].as_py() for name in ("visitor_id", "occurred_at", "event_id"))
    past = stream_before(app_context.warehouse, visitor_id, at, event_id, MOST_BEFORE)
    stream = pa.concat_tables([past, window])
    scores: np.ndarray = _score(table_digest(scorer.model_id, stream), scorer, app_context, stream)
    return scores[len(past) :]


@st.cache_data(max_entries=48, show_spinner=False)  # type: ignore[untyped-decorator]
def _score(digest: str, _scorer: "SessionScorer", _context: AppContext, _stream: pa.Table) -> np.ndarray:
    """[N, K] at all these events of one visitor; cached by `table_digest` of all that the model reads of them."""
    known_items = read_items(_context.warehouse, pc.unique(_stream["item_id"]).drop_null().to_pylist())
    scores: np.ndarray = _scorer.score(_stream.to_pandas(), known_items, _context.settings.media_folder)
    return scores
