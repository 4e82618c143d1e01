"""The Visitor page: everything one visitor did, and what the visitor wanted at every event."""

import math
from typing import Any

import pandas as pd
import streamlit as st

from app.components.parts import download_table, empty_state, page_header, percent, stat_tiles
from app.components.shared.payload import component_texts, event_type_names, intent_records, locale
from app.components.timeline import timeline
from app.context import context
from app.guard import guard
from app.i18n import t
from app.intent_names import intents_beside
from app.navigation import FOLDER
from app.views.visitor_list import render_visitor_list
from app.views.visitor_model import wait_for_model
from app.views.visitor_person import render_same_person
from app.views.visitor_purchase import purchase_tile
from app.views.visitor_sessions import render_sessions
from app.views.visitor_timeline import (
    Probabilities,
    annotation_marks,
    counted_intents,
    timeline_records,
    visitor_probabilities,
)
from core.intents.intent import Intent
from core.store.event_queries import list_visitors, visitor_days, visitor_events

MOST_EVENTS = 5000


def render_visitor() -> None:
    """Draw the page: one visitor when the address names one, else the list."""
    page_header("visitor.title", "visitor.help")
    warehouse = context().warehouse
    visitor_id = st.query_params.get("visitor")
    if list_visitors(warehouse, limit=1).empty:
        empty_state(t("visitor.none"), t("visitor.none_body"), "imports")
        return
    if not visitor_id:
        render_visitor_list()
        return
    days = visitor_days(warehouse, visitor_id)
    if days.empty:
        if not render_same_person(visitor_id):
            st.warning(t("visitor.unknown", visitor=visitor_id))
        render_visitor_list()
        return
    _render_one(visitor_id, days)


def _render_one(visitor_id: str, days: pd.DataFrame) -> None:
    if st.button(t("visitor.back"), icon=":material/arrow_back:", type="tertiary"):
        st.query_params.clear()
        st.rerun()
    events = _events(visitor_id, days)
    marks = annotation_marks(events["session_id"].unique().tolist())
    intents = intents_beside((*counted_intents(), *(mark["intent"] for mark in marks)))
    probabilities = visitor_probabilities(visitor_id, events, intents)
    _stats(visitor_id, events, intents, probabilities)
    render_same_person(visitor_id)
    _say_model(probabilities)
    _timeline(visitor_id, events, intents, probabilities, marks)
    render_sessions(visitor_id, _last_intents(events, intents, probabilities))
    told = _joined(events, intents, probabilities)
    download_table(told, f"visitor-{visitor_id}", label=t("visitor.download_events"))


def _events(visitor_id: str, days: pd.DataFrame) -> pd.DataFrame:
    """The visitor's events; of very many the latest days, or the period chosen."""
    total = int(days["events"].sum())
    if total <= MOST_EVENTS:
        return visitor_events(context().warehouse, visitor_id, limit=MOST_EVENTS)
    newest_first = days.sort_values("day", ascending=False)
    fitting = newest_first[newest_first["events"].cumsum() <= MOST_EVENTS]["day"]
    first, last = pd.Timestamp(days["day"].min()), pd.Timestamp(days["day"].max())
    default = (pd.Timestamp(fitting.min()) if len(fitting) else last, last)
    chosen = st.date_input(t("visitor.period"), value=default, min_value=first, max_value=last)
    start, end = chosen if isinstance(chosen, tuple) and len(chosen) == 2 else default
    events = visitor_events(
        context().warehouse,
        visitor_id,
        start=pd.Timestamp(start).to_pydatetime(),
        end=(pd.Timestamp(end) + pd.Timedelta(days=1)).to_pydatetime(),
        limit=MOST_EVENTS,
    )
    st.caption(t("visitor.events_shown", n=f"{len(events):,}", total=f"{total:,}"))
    return events


def _stats(
    visitor_id: str, events: pd.DataFrame, intents: tuple[Intent, ...], probabilities: Probabilities | None
) -> None:
    st.subheader(visitor_id, anchor=False)
    sessions, orders = events["session_id"].nunique(), int((events["event_type"] == "purchase").sum())
    first, last = events["occurred_at"].iloc[0], events["occurred_at"].iloc[-1]
    tiles = [
        (t("visitor.stat_sessions"), f"{sessions:,}", t("visitor.stat_since", day=f"{first:%Y-%m-%d}")),
        (t("visitor.stat_events"), f"{len(events):,}", t("visitor.stat_each", n=f"{len(events) / sessions:.1f}")),
        (t("visitor.stat_purchases"), f"{orders:,}", t("visitor.stat_of_sessions", n=f"{sessions:,}")),
        (t("visitor.stat_last"), f"{last:%H:%M}", f"{last:%Y-%m-%d} UTC"),
    ]
    now = probabilities.rows[-1] if probabilities else None
    if probabilities and now:
        best = max(range(len(intents)), key=now.__getitem__)
        name = intent_records(intents)[best]["name"]
        tiles.append((t("visitor.stat_intent"), name, t("visitor.stat_probability", share=percent(now[best]))))
    if (buying := purchase_tile(events)) is not None:
        tiles.append(buying)
    stat_tiles(tiles)


def _say_model(probabilities: Probabilities | None) -> None:
    if probabilities:
        key = "visitor.scored_live" if probabilities.scored_now else "visitor.scored_before"
        st.caption(t(key, model=probabilities.model_id))
    elif context().models.state() == "loading":
        wait_for_model("visitor")
    else:
        empty_state(t("visitor.no_model"), t("visitor.no_model_body"), "train")


@st.fragment  # type: ignore[untyped-decorator]
def _timeline(
    visitor_id: str,
    events: pd.DataFrame,
    intents: tuple[Intent, ...],
    probabilities: Probabilities | None,
    marks: list[dict[str, Any]],
) -> None:
    key = f"timeline.{visitor_id}"
    data = {
        "visitor": visitor_id,
        "language": locale(),
        "texts": component_texts("visitor"),
        "types": event_type_names(),
        "intents": intent_records(intents),
        "events": timeline_records(events),
        "probabilities": probabilities.rows if probabilities else None,
        "annotations": marks,
        "links": {"explain": "/explain", "label": "/label"},
        "session": st.query_params.get("session"),
        "selected": st.query_params.get("event"),
        "jump": st.session_state.get("visitor_jump", 0),
    }

    def on_chosen() -> None:
        chosen = st.session_state[key].chosen
        if chosen:
            st.query_params.update(session=chosen["session_id"], event=chosen["event_id"])

    with guard():
        followed = timeline(data, key=key, on_chosen=on_chosen, on_go=lambda: None).go
        if followed:
            _follow(followed)


def _follow(followed: dict[str, Any]) -> None:
    """Open another page with the address the timeline asked for."""
    st.switch_page(
        FOLDER / f"{followed['page']}.py", query_params={name: str(value) for name, value in followed["query"].items()}
    )


def _last_intents(
    events: pd.DataFrame, intents: tuple[Intent, ...], probabilities: Probabilities | None
) -> dict[str, tuple[str, float]]:
    """The likeliest intent and its probability at the last event of each session shown."""
    last: dict[str, tuple[str, float]] = {}
    for session_id, row in zip(events["session_id"], probabilities.rows if probabilities else [], strict=False):
        if row:
            best = max(range(len(intents)), key=row.__getitem__)
            last[session_id] = (intents[best].id, row[best])
    return last


def _joined(events: pd.DataFrame, intents: tuple[Intent, ...], probabilities: Probabilities | None) -> pd.DataFrame:
    """Events with a column `p_<intent>` each, for the download."""
    if probabilities is None:
        return events
    columns = [f"p_{intent.id}" for intent in intents]
    rows = [row or [math.nan] * len(columns) for row in probabilities.rows]
    return events.reset_index(drop=True).join(pd.DataFrame(rows, columns=columns))
