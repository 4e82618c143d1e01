"""The Sessions page: filters in the address, a sorted page of sessions, and where to go from one."""

from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from app.address import in_address, keep, kept_choice, kept_number
from app.components.parts import download_table, empty_state, page_header, page_link, shown_table, with_shown_shares
from app.components.shared.payload import intent_records
from app.context import context
from app.i18n import t
from app.intent_names import intent_names, intents_beside
from app.views.sessions_filter import asked_filter, choose_filter
from app.views.unscored import render_unscored
from app.views.visitor_timeline import counted_intents
from core.registry.models import champion
from core.store.overview_queries import totals
from core.store.session_queries import SessionFilter, count_sessions, list_sessions

PAGE_ROWS = 50
MOST_DOWNLOADED = 100_000
ORDERS = ("started_at", "event_count", "predicted_score", "revenue", "annotation_count")
COLUMNS = (
    "session_id",
    "visitor_id",
    "started_at",
    "minutes",
    "event_count",
    "predicted_intent",
    "predicted_score",
    "first_query",
    "has_cart",
    "has_purchase",
    "revenue",
    "device",
    "channel",
    "annotation_count",
)


def render_sessions() -> None:
    """Draw the page."""
    page_header("sessions.title", "sessions.help")
    if not totals(context().warehouse).sessions:
        empty_state(t("sessions.none"), t("sessions.none_body"), "imports")
        return
    render_unscored()
    model = champion(context().warehouse)
    intents = intent_records(intents_beside(counted_intents()))
    wanted = replace(choose_filter(intents if model else []), model_id=model.model_id if model else None)
    found = count_sessions(context().warehouse, wanted)
    if not found:
        st.info(t("sessions.no_match"), icon=":material/search_off:")
        return
    with st.container(horizontal=True):
        page_link("label", t("sessions.label_all"), queue="filter", **asked_filter())
        page_link("bulk", t("sessions.label_at_once"), how="filter", **asked_filter())
    order, descending, offset = _order(found)
    rows = list_sessions(context().warehouse, wanted, order, descending, PAGE_ROWS, offset)
    st.caption(t("sessions.found", first=offset + 1, last=offset + len(rows), n=f"{found:,}"))
    table = _table(rows, intent_names())
    _choose(table)
    _download(wanted, order, descending, intents)


def _order(found: int) -> tuple[str, bool, int]:
    """What to sort by, in which direction, and the first row of the page."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        order = kept_choice("order", t("sessions.order"), ORDERS, lambda name: t(f"sessions.column_{name}"), width=220)
        ascending = st.toggle(
            t("sessions.earliest" if order == "started_at" else "sessions.ascending"),
            key=in_address("ascending", lambda said: said == "1"),
        )
        keep("ascending", "1" if ascending else "")
        pages = max(1, -(-found // PAGE_ROWS))
        page = kept_number("page", t("sessions.page", n=pages), 1, 1, pages, width=140)
    return order, not ascending, (page - 1) * PAGE_ROWS


def _table(rows: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    minutes = (rows["ended_at"] - rows["started_at"]).dt.total_seconds() / 60
    return rows.assign(minutes=minutes.round(1), predicted_intent=rows["predicted_intent"].map(names))[list(COLUMNS)]


def _choose(table: pd.DataFrame) -> None:
    """The table; a chosen row offers the pages that show that session."""
    config: dict[str, Any] = {name: t(f"sessions.column_{name}") for name in COLUMNS}
    predicted = t("sessions.column_predicted_intent")
    config["predicted_intent"] = st.column_config.Column(predicted, help=t("sessions.predicted_help"))
    config["predicted_score"] = st.column_config.ProgressColumn(
        t("sessions.column_predicted_score"), min_value=0.0, max_value=1.0, format="percent"
    )
    config["started_at"] = st.column_config.DatetimeColumn(t("sessions.column_started_at"), format="YYYY-MM-DD HH:mm")
    chosen = shown_table(
        with_shown_shares(table, ["predicted_score"]),
        column_config=config,
        on_select="rerun",
        selection_mode="single-row",
        height=560,
        key="session_table",
    )
    if not chosen.selection.rows:
        st.caption(t("sessions.hint"))
        return
    row = table.iloc[chosen.selection.rows[0]]
    session = str(row["session_id"])
    with st.container(horizontal=True):
        page_link("visitor", t("sessions.timeline"), visitor=str(row["visitor_id"]), session=session)
        page_link("label", t("sessions.label"), session=session)
        page_link("explain", t("sessions.explain"), session=session)
        page_link("bulk", t("bulk.find_like"), like=session)


def _download(wanted: SessionFilter, order: str, descending: bool, intents: list[dict[str, Any]]) -> None:
    """All sessions the filter lets through, made when asked for."""
    if st.button(t("sessions.prepare_download"), icon=":material/table_view:"):
        rows = list_sessions(context().warehouse, wanted, order, descending, MOST_DOWNLOADED)
        download_table(_table(rows, intent_names()), "sessions")
