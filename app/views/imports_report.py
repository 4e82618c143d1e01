"""What became of an import: counts, what the cleaning mended, what it rejected and why."""

from typing import Any

import pandas as pd
import streamlit as st

from app.components.parts import download_table, page_link, plain, sentence, shown_table, stat_tiles
from app.context import context
from app.i18n import catalogue, t
from app.import_runner import ImportState
from app.views.unscored import render_unscored
from core.store.rejected_queries import list_rejected, rejected_reasons

_SHOWN_REJECTED = 200
_DOWNLOADED_REJECTED = 100_000
_SHOWN_NAMES = 12
_ROWS_WHOLE = 6
"""Rejected rows that are shown without scrolling, and without empty rows below them."""


def render_outcome(state: ImportState) -> None:
    """The outcome of the import that ended last."""
    if state.error is not None:
        st.error(sentence(state.error), icon=":material/error:")
    result = state.result
    if result is None:
        return
    if result.stopped:
        st.warning(t("imports.stopped"), icon=":material/stop_circle:")
    counts = {
        "rows": result.rows_read,
        "added": result.added,
        "duplicates": result.duplicates,
        "rejected": result.rejected,
    }
    shown = {name: f"{count:,}" for name, count in counts.items()}
    st.success(t("imports.done", name=plain(state.file_name), **shown), icon=":material/check_circle:")
    page_link("overview", t("imports.open_overview"))
    render_unscored()
    render_report(result.import_id, counts, result.report)


def render_report(import_id: str, counts: dict[str, int], report: dict[str, Any]) -> None:
    """The cleaning report of one import and its rejected rows."""
    st.subheader(t("imports.report"), anchor=False)
    bases = ("of_rows", "new_events", "seen_before", "kept_with_reason")
    tiles = [
        (t(f"imports.{name}"), f"{count:,}", t(f"imports.{base}"))
        for (name, count), base in zip(counts.items(), bases, strict=True)
    ]
    bots = (t("imports.bots"), f"{report.get('bot_visitors', 0):,}", t("imports.left_out"))
    stat_tiles([*tiles, bots])
    for key, words in (("unknown_types", "imports.unknown_types"), ("unreadable_numbers", "imports.unreadable")):
        if report.get(key):
            st.caption(t(words, names=_counted(report[key])))
    if report.get("normalized_texts"):
        st.caption(t("imports.normalized", n=f"{report['normalized_texts']:,}"))
    if report.get("error"):
        st.error(sentence(report["error"]), icon=":material/error:")
    _rejected(import_id)


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{plain(name)} ({count:,})" for name, count in list(counts.items())[:_SHOWN_NAMES])


def _rejected(import_id: str) -> None:
    reasons = rejected_reasons(context().warehouse, import_id)
    st.subheader(t("imports.rejected_title"), anchor=False)
    if reasons.empty:
        st.caption(t("imports.no_rejected"))
        return
    shown_table(reasons_in_words(reasons), column_config=_names(reasons))
    rows = list_rejected(context().warehouse, import_id, _SHOWN_REJECTED)
    columns = ["row_number", "reason", "field", "value", "raw"]
    st.caption(t("imports.rejected_shown", n=len(rows)))
    height: Any = "content" if len(rows) <= _ROWS_WHOLE else 240
    shown_table(reasons_in_words(rows[columns]), column_config=_names(rows[columns]), height=height)
    download_table(list_rejected(context().warehouse, import_id, _DOWNLOADED_REJECTED), f"rejected-{import_id}")


def reasons_in_words(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with their reasons in the reader's language; one without words stays as it is."""
    known = catalogue("en")
    words = [t(key) if (key := f"imports.reason_{reason}") in known else reason for reason in rows["reason"]]
    return rows.assign(reason=words)


def _names(frame: pd.DataFrame) -> dict[str, Any]:
    return {name: t(f"imports.column_{name}") for name in frame.columns}
