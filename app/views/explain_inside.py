"""Inside one event of the explained session: its words and its picture."""

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from app.address import keep
from app.components.parts import plain
from app.components.shared.payload import event_type_names
from app.context import context
from app.i18n import t
from app.views.explain_choice import Choice
from app.views.explain_regions import render_regions
from app.views.explain_words import render_words
from app.views.visitor_records import with_items
from core.events.rows import plain_rows
from core.store.item_queries import items as read_items

if TYPE_CHECKING:
    from core.explain.heatmap import Heatmap
    from core.model.scorer import SessionScorer

LOOK = "look"
"""Where the address keeps the event that is looked into."""


def looked_at(heatmap: "Heatmap", events: pd.DataFrame) -> str:
    """The event of the address, else the one of the session whose text counts most, else the explained one."""
    asked = st.query_params.get(LOOK)
    if asked in heatmap.event_ids:
        return str(asked)
    session = set(events["event_id"])
    if "text" not in heatmap.fields:
        return heatmap.event_ids[-1]
    texts = abs(heatmap.values[:, heatmap.fields.index("text")])
    known = [(float(texts[at]), event) for at, event in enumerate(heatmap.event_ids) if event in session]
    return max(known)[1] if known else heatmap.event_ids[-1]


def keep_looked_at(event_id: str) -> None:
    """Put the event into the address."""
    keep(LOOK, event_id)


def render_inside(scorer: "SessionScorer", past: pd.DataFrame, choice: Choice, event_id: str) -> None:
    """Words on the left, the picture on the right."""
    row = past[past["event_id"] == event_id]
    items = read_items(context().warehouse, past["item_id"].dropna().unique().tolist())
    st.subheader(t("explain_more.below", event=_name(plain_rows(with_items(row, items))[0])), anchor=False)
    words, picture = st.columns([3, 2], gap="large")
    with words:
        render_words(scorer, past, items, choice, event_id)
    with picture:
        render_regions(scorer, past, items, choice, event_id)


def _name(row: dict[str, Any]) -> str:
    subject = row["query"] or row["title"] or row["text"]
    head = f"{row['occurred_at']:%H:%M:%S} {event_type_names()[row['event_type']]}"
    return f"{head} · {plain(subject)}" if subject else head
