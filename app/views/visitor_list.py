"""Finding a visitor: search by id, latest first."""

import pandas as pd
import streamlit as st

from app.components.parts import download_table, shown_table
from app.context import context
from app.i18n import t
from core.store.event_queries import list_visitors

COLUMNS = {
    "visitor_id": "visitor.column_visitor",
    "sessions": "visitor.column_sessions",
    "events": "visitor.column_events",
    "first_at": "visitor.column_first",
    "last_at": "visitor.column_last",
    "purchases": "visitor.column_purchases",
}
MOST_VISITORS = 200


def render_visitor_list(visitors: pd.DataFrame | None = None) -> None:
    """A search box and the table of visitors; choosing a row opens that visitor."""
    search = st.text_input(t("visitor.search"), placeholder=t("visitor.search_placeholder")).strip()
    found = list_visitors(context().warehouse, search=search, limit=MOST_VISITORS)
    if found.empty:
        st.info(t("visitor.no_match", search=search))
        return
    chosen = shown_table(
        found[list(COLUMNS)],
        column_config={name: t(key) for name, key in COLUMNS.items()},
        on_select="rerun",
        selection_mode="single-row",
        key="visitor_table",
    )
    download_table(found, "visitors")
    if chosen.selection.rows:
        st.query_params.clear()
        st.query_params["visitor"] = str(found["visitor_id"].iloc[chosen.selection.rows[0]])
        st.rerun()
