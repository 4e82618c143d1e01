"""What the sidebar says while the sample shop and the model are being made ready."""

import streamlit as st

from app.components.resting import rerun_at_rest
from app.context import context
from app.i18n import t


def show_startup() -> None:
    """A line of progress until everything is ready; then nothing. It keeps its place, so that nothing below moves."""
    with st.container():
        if context().startup.phase in {"ready", "failed"}:
            _show_failure()
        else:
            _follow()


@st.fragment(run_every=1.0)  # type: ignore[untyped-decorator]
def _follow() -> None:
    startup = context().startup
    if startup.phase in {"ready", "failed"}:
        rerun_at_rest("startup")
        return
    st.progress(startup.progress, text=t(f"shell.startup_{startup.phase}"))


def _show_failure() -> None:
    startup = context().startup
    if startup.phase == "failed":
        st.warning(t("shell.startup_failed", error=startup.error or ""), icon=":material/warning:")
