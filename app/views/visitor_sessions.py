"""The sessions of one visitor; choosing one brings it into the timeline."""

import math
from collections.abc import Mapping

import pandas as pd
import streamlit as st

from app.components.parts import download_table, page_link, shown_table
from app.context import context
from app.i18n import t
from app.intent_names import intent_names
from core.store.session_queries import SessionFilter, list_sessions

MOST_SESSIONS = 500


def render_sessions(visitor_id: str, last_intents: Mapping[str, tuple[str, float]]) -> None:
    """The table of sessions, newest first; `last_intents` is each session's intent and probability at its end."""
    st.subheader(t("visitor.sessions"))
    st.caption(t("visitor.sessions_hint"))
    found = list_sessions(context().warehouse, SessionFilter(visitor_id=visitor_id), limit=MOST_SESSIONS)
    table = _table(found, last_intents)
    chosen = shown_table(
        table,
        column_config={
            name: st.column_config.ProgressColumn(t(key), format="percent", min_value=0, max_value=1)
            if name == "predicted_score"
            else t(key)
            for name, key in COLUMNS.items()
        },
        on_select="rerun",
        selection_mode="single-row",
        key=f"sessions.{visitor_id}",
    )
    download_table(table, f"sessions-{visitor_id}", label=t("visitor.download_sessions"))
    rows = chosen.selection.rows
    session = table["session_id"].iloc[rows[0]] if rows else st.query_params.get("session")
    if session:
        page_link("bulk", t("visitor.find_like", session=session), like=str(session))
    if rows and st.session_state.get("visitor_row") != (visitor_id, rows[0]):
        st.session_state["visitor_row"] = (visitor_id, rows[0])
        st.session_state["visitor_jump"] = st.session_state.get("visitor_jump", 0) + 1
        st.query_params.update(session=str(table["session_id"].iloc[rows[0]]))
        if "event" in st.query_params:
            del st.query_params["event"]
        st.rerun()


COLUMNS = {
    "session_id": "visitor.column_session",
    "started_at": "visitor.column_started",
    "minutes": "visitor.column_duration",
    "event_count": "visitor.column_events",
    "predicted_intent": "visitor.column_intent",
    "predicted_score": "visitor.column_score",
    "has_cart": "visitor.column_cart",
    "has_purchase": "visitor.column_purchase",
    "annotation_count": "visitor.column_labels",
}


def _table(found: pd.DataFrame, last_intents: Mapping[str, tuple[str, float]]) -> pd.DataFrame:
    names = intent_names()
    ends = [last_intents.get(session_id) for session_id in found["session_id"]]
    minutes = (found["ended_at"] - found["started_at"]).dt.total_seconds() / 60
    return found.assign(
        minutes=minutes.round(1),
        predicted_intent=["" if end is None else names.get(end[0], end[0]) for end in ends],
        predicted_score=[math.nan if end is None else end[1] for end in ends],
    )[list(COLUMNS)]
