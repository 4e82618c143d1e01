"""History: the journal of annotations, filtered and paged; an earlier one can be made to stand again."""

from typing import Any

import pandas as pd
import streamlit as st

from app.address import kept_number
from app.components.parts import download_table, page_link, percent, shown_table
from app.context import context
from app.guard import guard
from app.i18n import t
from app.intent_names import intent_names
from app.views.quality_data import named, person
from app.views.quality_history_filter import choose_filter
from core.intents.history import HistoryFilter, count_history, list_history, restore_annotation

PAGE_ROWS = 50
_COLUMNS = (
    "created_at",
    "annotator",
    "session_id",
    "event_id",
    "intent",
    "given",
    "status",
    "is_current",
    "before",
    "lead_s",
    "suggested",
    "suggestion_agent",
    "suggestion_shown",
    "suggestion_accepted",
    "guideline_version",
    "note",
)
_EMPTY_LEFT_OUT = (
    "event_id",
    "given",
    "before",
    "guideline_version",
    "suggested",
    "suggestion_agent",
    "suggestion_shown",
    "suggestion_accepted",
    "note",
)


def render_history() -> None:
    """The tab."""
    names = intent_names()
    wanted = choose_filter(names)
    found = count_history(context().warehouse, wanted)
    if not found:
        st.info(t("quality.history_none"), icon=":material/search_off:")
        return
    offset = _page(found, wanted)
    rows = list_history(context().warehouse, wanted, PAGE_ROWS, offset)
    st.caption(t("quality.history_found", first=offset + 1, last=offset + len(rows), n=f"{found:,}"))
    _choose(rows, names)
    _download(wanted)


def _page(found: int, wanted: HistoryFilter) -> int:
    """The first row of the page that the address or the reader asks for; another filter starts at the first page."""
    pages = max(1, -(-found // PAGE_ROWS))
    if st.session_state.setdefault("quality_filter", wanted) != wanted:
        st.session_state["quality_filter"] = wanted
        st.query_params.pop("page", None)
    page = kept_number("page", t("quality.page", n=pages), 1, 1, pages, width=140)
    return (page - 1) * PAGE_ROWS


def _choose(rows: pd.DataFrame, names: dict[str, str]) -> None:
    """The table; a chosen row offers to restore it and where to go."""
    table = _table(rows, names)
    config: dict[str, Any] = {str(name): t(f"quality.column_{name}") for name in table}
    config["created_at"] = st.column_config.DatetimeColumn(t("quality.column_created_at"), format="YYYY-MM-DD HH:mm:ss")
    config["lead_s"] = st.column_config.NumberColumn(t("quality.column_lead_s"), format="%.1f")
    chosen = shown_table(
        table,
        column_config=config,
        on_select="rerun",
        selection_mode="single-row",
        height=520,
        key=f"history.{rows['annotation_id'].iloc[0]}",
    )
    if chosen.selection.rows:
        _offer(rows.iloc[chosen.selection.rows[0]], names)
    else:
        st.caption(t("quality.history_hint"))


def _offer(row: "pd.Series[Any]", names: dict[str, str]) -> None:
    said = named(names, row["intent"]) or t(f"quality.status_{row['status']}")
    st.markdown(t("quality.chosen", name=row["annotator"], said=said, target=row["event_id"] or row["session_id"]))
    name = None
    if row["status"] == "undone":
        st.caption(t("quality.undone_words"))
    elif row["is_current"]:
        st.caption(t("quality.stands_words"))
    else:
        name = person("quality.person_restores")
    with st.container(horizontal=True):
        if name is not None:
            st.button(
                t("quality.restore"),
                icon=":material/history:",
                type="primary",
                on_click=_restore,
                args=(str(row["annotation_id"]), name),
            )
        if isinstance(row["visitor_id"], str):
            session = str(row["session_id"])
            page_link("visitor", t("quality.timeline"), visitor=row["visitor_id"], session=session)
            page_link("label", t("quality.label_again"), session=session)


def _restore(annotation_id: str, name: str) -> None:
    with guard():
        restored = restore_annotation(context().warehouse, annotation_id, by=name)
        st.toast(t("quality.restored" if restored else "quality.stands_words"), icon=":material/history:")


def _table(rows: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    before = [
        named(names, intent) or (t(f"quality.status_{status}") if isinstance(status, str) else "")
        for intent, status in zip(rows["before_intent"], rows["before_status"], strict=True)
    ]
    table = rows.assign(
        before=before,
        given=_given(rows, names),
        intent=[named(names, intent) for intent in rows["intent"]],
        suggested=_suggested(rows, names),
        status=rows["status"].map({status: t(f"quality.status_{status}") for status in rows["status"].unique()}),
        lead_s=rows["lead_time_ms"] / 1000,
    )[list(_COLUMNS)]
    empty = [name for name in _EMPTY_LEFT_OUT if (table[name].isna() | table[name].eq("")).all()]
    return table.drop(columns=empty)


def _suggested(rows: pd.DataFrame, names: dict[str, str]) -> list[str]:
    """The intent, and how sure of it the agent was."""
    pairs = zip(rows["suggested"], rows["suggestion_score"], strict=True)
    return [f"{named(names, intent)}{'' if pd.isna(score) else f' {percent(score)}'}" for intent, score in pairs]


def _given(rows: pd.DataFrame, names: dict[str, str]) -> list[str]:
    """As what a label was given, where that counts as another intent by now."""
    pairs = zip(rows["given_intent"], rows["intent"], strict=True)
    return ["" if given == intent else named(names, given) for given, intent in pairs]


def _download(wanted: HistoryFilter) -> None:
    """All rows the filter lets through as they are in the journal, made when asked for."""
    if st.button(t("quality.prepare_download"), icon=":material/table_view:"):
        download_table(list_history(context().warehouse, wanted, limit=None), "annotation-history")
