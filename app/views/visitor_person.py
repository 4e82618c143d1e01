"""The other visitor ids of the person on the Visitor page, each a click away."""

import streamlit as st

from app.components.parts import plain
from app.context import context
from app.i18n import t
from core.store.event_queries import visitor_days
from core.store.person_queries import person_visitors

MOST_SHOWN = 8


def render_same_person(visitor_id: str) -> bool:
    """Draw a button for each other visitor id with events; whether there is one."""
    warehouse = context().warehouse
    linked = [other for other in person_visitors(warehouse, visitor_id) if other != visitor_id]
    others = [other for other in linked if not visitor_days(warehouse, other).empty][:MOST_SHOWN]
    if not others:
        return False
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(t("visitor.same_person"), help=t("visitor.same_person_hint"), width="content")
        for other in others:
            if st.button(plain(other), key=f"same-person-{other}", icon=":material/person:", type="tertiary"):
                st.query_params.clear()
                st.query_params["visitor"] = other
                st.rerun()
    return True
