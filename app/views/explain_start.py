"""How Explain and What if begin: a model that serves, a session, one of its events, and what came before it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from app.components.parts import empty_state, page_header
from app.context import context
from app.i18n import t
from app.views.explain_choice import choose_event, choose_session
from app.views.explain_model import choose_model
from core.store.event_queries import session_events, visitor_context
from core.store.overview_queries import totals

if TYPE_CHECKING:
    from core.model.scorer import SessionScorer


@dataclass(frozen=True)
class Explained:
    """`events`: the session's; `past`: all of the visitor's up to the event, which is its last row."""

    scorer: "SessionScorer"
    session_id: str
    event_id: str
    events: pd.DataFrame
    past: pd.DataFrame

    @property
    def visitor_id(self) -> str:
        return str(self.events["visitor_id"].iloc[0])


def choose_explained(page: str) -> Explained | None:
    """Draw the head of a page (`explain` or `what_if`) and its choices; None where something is missing, which the page
    says by then."""
    page_header(f"{page}.title", f"{page}.help")
    if not totals(context().warehouse).sessions:
        empty_state(t("explain.no_events"), t("explain.no_events_body"), "imports")
        return None
    left, right, last = st.columns([2, 3, 2])
    scorer = choose_model(page, last)
    if scorer is None:
        return None
    session_id = choose_session(left)
    if not session_id:
        return None
    events = session_events(context().warehouse, session_id)
    event_id = choose_event(right, events)
    past = visitor_context(context().warehouse, str(events["visitor_id"].iloc[0]), event_id)
    return Explained(scorer, session_id, event_id, events, past)
