"""The Import page: choose a file, see how it is understood, import it, see what became of it."""

import streamlit as st

from app.components.parts import page_header
from app.components.resting import rerun_at_rest
from app.context import context
from app.i18n import t
from app.views.imports_history import render_history
from app.views.imports_plan import choose_plan
from app.views.imports_report import render_outcome


def render_imports() -> None:
    """Draw the page."""
    page_header("imports.title", "imports.help")
    runner = context().imports
    if runner.is_running:
        _follow()
    elif runner.state is not None:
        render_outcome(runner.state)
        if st.button(t("imports.clear"), icon=":material/upload_file:"):
            runner.forget()
            st.rerun()
    else:
        _choose()
    render_history()


def _choose() -> None:
    plan = choose_plan()
    if plan is not None and st.button(t("imports.start"), type="primary", icon=":material/play_arrow:"):
        context().imports.start(plan.path, plan.file_name, plan.mapping)
        st.rerun()


@st.fragment(run_every=0.7)  # type: ignore[untyped-decorator]
def _follow() -> None:
    """The bar of the running import; whoever opens the page sees it."""
    state = context().imports.state
    if state is None or state.is_over:
        rerun_at_rest("import")
        return
    progress = state.progress
    share = progress.rows_read / progress.rows_estimate if progress.rows_estimate else 0.0
    words = t(f"imports.phase_{progress.phase}", n=f"{progress.rows_read:,}", added=f"{progress.added:,}")
    with st.container(border=True):
        st.subheader(t("imports.running", name=state.file_name), anchor=False)
        st.progress(min(share, 1.0), text=words)
        if st.button(t("imports.stop"), icon=":material/stop:"):
            context().imports.stop()
            st.toast(t("imports.stopping"))
