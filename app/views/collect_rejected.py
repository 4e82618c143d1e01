"""The messages that were refused last, on the Collect page."""

import streamlit as st

from app.components.parts import download_table, shown_table
from app.context import context
from app.i18n import t
from app.views.imports_report import reasons_in_words
from core.store.arrival_queries import latest_rejected

SHOWN = 200
LOOK_EVERY_S = 5.0
_HEIGHT = 280
_FITTING = 7
_COLUMNS = ("rejected_at", "source", "reason", "field", "value", "raw")


@st.fragment(run_every=LOOK_EVERY_S)  # type: ignore[untyped-decorator]
def render_rejected() -> None:
    """Draw the section, by the clock."""
    st.subheader(t("collect.rejected"), anchor=False)
    rows = latest_rejected(context().warehouse, SHOWN)
    if rows.empty:
        st.caption(t("collect.no_rejected"))
        return
    st.caption(t("collect.rejected_shown", n=len(rows)))
    shown_table(
        reasons_in_words(rows),
        column_config={name: t(f"collect.column_{name}") for name in _COLUMNS},
        height="content" if len(rows) <= _FITTING else _HEIGHT,
    )
    download_table(rows, "refused-messages")
