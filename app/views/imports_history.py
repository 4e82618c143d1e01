"""Earlier imports, each with its report."""

import json

import streamlit as st

from app.components.parts import download_table, shown_table
from app.context import context
from app.i18n import t
from app.views.imports_report import render_report
from core.store.import_queries import list_imports

COLUMNS = ("file_name", "status", "rows_read", "added", "duplicates", "rejected", "started_at", "finished_at")
_COUNTS = {"rows": "rows_read", "added": "added", "duplicates": "duplicates", "rejected": "rejected"}


def render_history() -> None:
    """The table of imports; a chosen one shows its report."""
    st.subheader(t("imports.history"), anchor=False)
    found = list_imports(context().warehouse)
    if found.empty:
        st.caption(t("imports.no_history"))
        return
    chosen = shown_table(
        found[list(COLUMNS)].assign(status=[t(f"imports.status_{status}") for status in found["status"]]),
        column_config={name: t(f"imports.column_{name}") for name in COLUMNS}
        | {
            name: st.column_config.NumberColumn(t(f"imports.column_{name}"), format="localized")
            for name in _COUNTS.values()
        },
        on_select="rerun",
        selection_mode="single-row",
        key="import_table",
    )
    download_table(found, "imports")
    if chosen.selection.rows:
        row = found.iloc[chosen.selection.rows[0]]
        report = json.loads(row["report"]) if isinstance(row["report"], str) else {}
        render_report(str(row["import_id"]), {name: int(row[column]) for name, column in _COUNTS.items()}, report)
