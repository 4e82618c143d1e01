"""What the intent timeline shows: a visitor's events, their probabilities, the annotations on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from app.context import context
from app.views.visitor_records import event_records, plain_rows
from core.events.schema import EVENT_COLUMNS
from core.intents.annotations import current_annotations
from core.intents.intent import Intent
from core.intents.resolution import meanings
from core.intents.taxonomy import merged_intents
from core.registry.models import ModelRecord, champion
from core.store.item_queries import items as read_items
from core.store.prediction_queries import visitor_predictions

MOST_ROUNDED = 4


@dataclass(frozen=True)
class Probabilities:
    """rows: for each event its probabilities in the order of the taxonomy, or None where nothing said them."""

    rows: list[list[float] | None]
    model_id: str
    scored_now: bool

    @property
    def complete(self) -> bool:
        return all(row is not None for row in self.rows)


def visitor_probabilities(visitor_id: str, events: pd.DataFrame, intents: Sequence[Intent]) -> Probabilities | None:
    """The champion's probabilities at every event: as stored, else computed now; None without a model."""
    model = champion(context().warehouse)
    if model is None or events.empty:
        return None
    stored = _stored(model, visitor_id, events, intents)
    if stored.complete:
        return stored
    scorer = context().models.champion()
    if scorer is None:
        return stored if any(stored.rows) else None
    last_event_id = str(events["event_id"].iloc[-1])
    rows = _score_now(scorer.model_id, last_event_id, len(events), scorer, events)
    return Probabilities(_in_order(rows, scorer.intents, intents), scorer.model_id, scored_now=True)


def counted_intents() -> tuple[str, ...]:
    """The intents that the champion tells apart, as they count now."""
    model = champion(context().warehouse)
    return () if model is None else meanings(model.intents, merged_intents(context().warehouse))


def timeline_records(events: pd.DataFrame) -> list[dict[str, Any]]:
    """The events as the timeline component wants them."""
    return event_records(events)


def annotation_marks(session_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Current annotations of the sessions; of several annotators' gold counts, else the newest."""
    marks: list[dict[str, Any]] = []
    for session_id in session_ids:
        frame = current_annotations(context().warehouse, session_id=session_id)
        frame = frame[frame["intent"].notna()]
        if frame.empty:
            continue
        last = frame.sort_values("status", key=lambda status: status.eq("gold"), kind="stable")
        marks.extend(plain_rows(last[["session_id", "event_id", "intent"]]))
    return marks


def _stored(model: ModelRecord, visitor_id: str, events: pd.DataFrame, intents: Sequence[Intent]) -> Probabilities:
    frame = visitor_predictions(
        context().warehouse,
        visitor_id,
        model.model_id,
        events["occurred_at"].iloc[0],
        events["occurred_at"].iloc[-1] + pd.Timedelta(seconds=1),
    )
    known = dict(zip(frame["event_id"], frame["probabilities"], strict=True))
    rows = [known.get(event_id) for event_id in events["event_id"]]
    return Probabilities(_in_order(rows, model.intents, intents), model.model_id, scored_now=False)


def _in_order(rows: Sequence[Any], given: Sequence[str], intents: Sequence[Intent]) -> list[list[float] | None]:
    """The model's probabilities in the order of `intents`, merged ones added up; an intent the model lacks is 0."""
    now = meanings(given, merged_intents(context().warehouse))
    places = [[at for at, meaning in enumerate(now) if meaning == intent.id] for intent in intents]
    return [
        None if row is None else [round(sum(float(row[at]) for at in ats), MOST_ROUNDED) for ats in places]
        for row in rows
    ]


@st.cache_data(max_entries=64, show_spinner=False)  # type: ignore[untyped-decorator]
def _score_now(
    model_id: str, last_event_id: str, event_count: int, _scorer: Any, _events: pd.DataFrame
) -> list[list[float]]:
    """[N, K] probabilities of one visitor's events; cached by model, last event and count."""
    item_ids = _events["item_id"].dropna().unique().tolist()
    known_items = read_items(context().warehouse, item_ids)
    scores = _scorer.score(_events[list(EVENT_COLUMNS)], known_items, context().settings.media_folder)
    rows: list[list[float]] = scores.tolist()
    return rows
