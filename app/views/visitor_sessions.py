"""The sessions of one visitor; choosing one brings it into the timeline."""

import pandas as pd
import streamlit as st

from app.components.parts import download_table, page_link, shown_table
from app.context import context
from app.i18n import t
from app.intent_names import intent_names
from core.registry.models import champion
from core.store.session_queries import SessionFilter, list_sessions

MOST_SESSIONS = 500


def render_sessions(visitor_id: str) -> None:
    """The table of sessions, newest first, with the champion's intent at the end of each that it has scored."""
    st.subheader(t("visitor.sessions"))
    st.caption(t("visitor.sessions_hint"))
    model = champion(context().warehouse)
    wanted = SessionFilter(visitor_id=visitor_id, model_id=model.model_id if model else None)
    table = _table(list_sessions(context().warehouse, wanted, limit=MOST_SESSIONS))
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
        for name in ("event", "until", "from", "to"):
            st.query_params.pop(name, None)
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


def _table(found: pd.DataFrame) -> pd.DataFrame:
    names = intent_names()
    minutes = (found["ended_at"] - found["started_at"]).dt.total_seconds() / 60
    return found.assign(
        minutes=minutes.round(1),
        predicted_intent=["" if intent is None else names.get(intent, intent) for intent in _known(found)],
    )[list(COLUMNS)]


def _known(found: pd.DataFrame) -> list[str | None]:
    intents = found["predicted_intent"]
    return [None if missing else str(intent) for intent, missing in zip(intents, intents.isna(), strict=True)]
