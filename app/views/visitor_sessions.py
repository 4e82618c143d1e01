"""The sessions of a visitor or person; choosing one brings it into the timeline."""

import math
from collections.abc import Mapping

import pandas as pd
import streamlit as st

from app.components.parts import download_table, page_link, shown_table, with_shown_shares
from app.context import context
from app.i18n import t
from app.intent_names import intent_names
from app.views.timeline_scores import session_ends
from app.views.visitor_person import ShownPerson
from core.intents.resolution import meanings
from core.intents.taxonomy import merged_intents
from core.registry.models import ModelRecord, champion
from core.store.session_queries import SessionFilter, list_sessions

MOST_SESSIONS = 500


def render_sessions(person: ShownPerson) -> None:
    """The table of sessions, newest first, with the champion's intent at the end of each that it has scored."""
    visitor_id, marks = person.visitor_id, person.marks
    st.subheader(t("person.sessions" if marks else "visitor.sessions"))
    st.caption(t("visitor.sessions_hint"))
    model = champion(context().warehouse)
    wanted = SessionFilter(visitor_ids=person.visitor_ids, model_id=model.model_id if model else None)
    found = list_sessions(context().warehouse, wanted, limit=MOST_SESSIONS)
    table = _table(found, _ends(found, person, model), marks)
    chosen = shown_table(
        with_shown_shares(table, ["predicted_score"]),
        column_config={
            name: st.column_config.ProgressColumn(t(key), format="percent", min_value=0, max_value=1)
            if name == "predicted_score"
            else t(key)
            for name, key in COLUMNS.items()
            if name in table
        },
        on_select="rerun",
        selection_mode="single-row",
        key=f"sessions.{visitor_id}.{len(person.visitor_ids)}",
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
    "visitor": "visitor.column_visitor",
    "started_at": "visitor.column_started",
    "minutes": "visitor.column_duration",
    "event_count": "visitor.column_events",
    "predicted_intent": "visitor.column_intent",
    "predicted_score": "visitor.column_score",
    "has_cart": "visitor.column_cart",
    "has_purchase": "visitor.column_purchase",
    "annotation_count": "visitor.column_labels",
}


def _table(found: pd.DataFrame, ends: Mapping[str, tuple[str, float]], marks: Mapping[str, str]) -> pd.DataFrame:
    """With the column `visitor` only where several have marks."""
    names = intent_names()
    minutes = (found["ended_at"] - found["started_at"]).dt.total_seconds() / 60
    said = [ends.get(session_id) for session_id in found["session_id"]]
    shown = found.assign(
        visitor=[f"{marks.get(one, '')} {one}".strip() for one in found["visitor_id"]],
        minutes=minutes.round(1),
        predicted_intent=["" if end is None else names.get(end[0], end[0]) for end in said],
        predicted_score=[math.nan if end is None else end[1] for end in said],
    )
    return shown[[name for name in COLUMNS if marks or name != "visitor"]]


def _ends(found: pd.DataFrame, person: ShownPerson, model: ModelRecord | None) -> dict[str, tuple[str, float]]:
    """Each session's intent and probability at its end: as stored, else by the model where it is in memory."""
    known = found.dropna(subset=["predicted_intent"])
    ends = dict(
        zip(known["session_id"], zip(known["predicted_intent"], known["predicted_score"], strict=True), strict=True)
    )
    if model is None or len(known) == len(found) or context().models.state() != "ready":
        return ends
    intents = meanings(model.intents, merged_intents(context().warehouse))
    return (
        session_ends(context(), person.visitor_id, person.whole, model.model_id, tuple(dict.fromkeys(intents))) | ends
    )
