"""The Visitor page: everything one visitor (or all visitors that are one person) did and wanted, event by event."""

from typing import Any

import pandas as pd
import streamlit as st

from app.components.parts import empty_state, page_header, plain
from app.components.timeline import timeline
from app.context import context
from app.guard import guard
from app.i18n import t
from app.navigation import FOLDER
from app.views.visitor_download import render_download
from app.views.visitor_list import render_visitor_list
from app.views.visitor_model import await_model
from app.views.visitor_person import ShownPerson, choose_person
from app.views.visitor_sessions import render_sessions
from app.views.visitor_stats import latest_tiles, pending_tile, render_stats, stats_place
from app.views.visitor_timeline import timeline_data
from core.store.event_queries import list_visitors, visitor_days
from core.store.timeline_queries import summarize_visitors


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
    head = st.empty()
    with head.container():
        _render_head(visitor_id)
        person = choose_person(visitor_id)
    days = visitor_days(warehouse, person.visitor_ids)
    if days.empty:
        head.empty()
        st.warning(t("visitor.unknown", visitor=plain(visitor_id)))
        render_visitor_list()
        return
    _render_one(person, days)


def _render_head(visitor_id: str) -> None:
    if st.button(t("visitor.back"), icon=":material/arrow_back:", type="tertiary"):
        st.query_params.clear()
        st.rerun()
    st.subheader(plain(visitor_id), anchor=False)


def _render_one(person: ShownPerson, days: pd.DataFrame) -> None:
    """The timeline goes to the browser before anything waits for a model."""
    place, summary = stats_place(), summarize_visitors(context().warehouse, person.visitor_ids)
    if summary is not None:
        render_stats(place, summary, pending_tile())
    with guard():
        _say_model()
    _timeline(person.visitor_id, timeline_data(person, days))
    with guard():
        render_sessions(person)
        render_download(person.visitor_id, person.visitor_ids)
        if summary is not None and (latest := latest_tiles(person.latest)):
            render_stats(place, summary, latest)


def _say_model() -> None:
    if context().models.champion() is not None:
        return
    if context().models.state() == "loading":
        await_model()
    else:
        empty_state(t("visitor.no_model"), t("visitor.no_model_body"), "train")


@st.fragment  # type: ignore[untyped-decorator]
def _timeline(visitor_id: str, data: dict[str, Any]) -> None:
    with guard():
        if followed := timeline(data, key=f"timeline.{visitor_id}").go:
            _follow(followed)


def _follow(followed: dict[str, Any]) -> None:
    """Open another page with the address the timeline asked for."""
    st.switch_page(
        FOLDER / f"{followed['page']}.py", query_params={name: str(value) for name, value in followed["query"].items()}
    )
