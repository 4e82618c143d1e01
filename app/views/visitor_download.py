"""Every event of a visitor with the champion's probabilities, as CSV; made only once it is asked for."""

import math
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.context import context
from app.i18n import t
from app.spreadsheet import spreadsheet_csv
from core.intents.resolution import pooled
from core.intents.taxonomy import merged_intents
from core.registry.models import champion
from core.store.event_queries import events_of_visitors
from core.store.prediction_queries import visitor_predictions

MOST_EVENTS = 1_000_000


def render_download(visitor_id: str, visitor_ids: Sequence[str]) -> None:
    """The button; the file is named for the visitor and has every event of all of them."""
    st.download_button(
        t("visitor.download_events"),
        lambda: visitor_csv(visitor_ids),
        file_name=f"visitor-{visitor_id}.csv",
        mime="text/csv",
        icon=":material/download:",
        key=f"download-visitor-{visitor_id}",
        on_click="ignore",
    )


def visitor_csv(visitor_ids: Sequence[str]) -> str:
    """The visitors' events with a column `p_<intent>` each, empty where the champion has not scored the event."""
    events = events_of_visitors(context().warehouse, visitor_ids, limit=MOST_EVENTS)
    intents, rows = _stored(visitor_ids, events["event_id"].tolist())
    columns = [f"p_{intent}" for intent in intents]
    return spreadsheet_csv(events.reset_index(drop=True).join(pd.DataFrame(rows, columns=columns)))


def _stored(visitor_ids: Sequence[str], event_ids: Sequence[str]) -> tuple[tuple[str, ...], list[list[float]]]:
    """The champion's intents as they count now, and its stored probabilities at each event."""
    model = champion(context().warehouse)
    if model is None:
        return (), [[] for _ in event_ids]
    frame = visitor_predictions(context().warehouse, visitor_ids, model.model_id)
    known = {}
    intents = tuple(model.intents)
    if len(frame):
        values = pd.DataFrame(frame["probabilities"].tolist()).to_numpy()
        intents, values = pooled(values, model.intents, merged_intents(context().warehouse))
        known = dict(zip(frame["event_id"], values.tolist(), strict=True))
    return intents, [known.get(event_id, [math.nan] * len(intents)) for event_id in event_ids]
