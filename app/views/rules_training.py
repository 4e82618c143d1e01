"""Training on what the rules say: soft labels of the sessions that nobody labeled."""

import streamlit as st

from app.components.parts import page_link
from app.context import context
from app.i18n import t
from core.weak.weak_labels import (
    WeakLabelVersion,
    use_as_training_labels,
    weak_label_versions,
    withdraw_training_labels,
)


def render_training() -> None:
    """Draw the state and the buttons."""
    st.subheader(t("rules.training"), anchor=False)
    st.markdown(t("rules.training_body"))
    versions = weak_label_versions(context().warehouse)
    st.caption(_words(versions[0] if versions else None))
    author = str(st.session_state.get("annotator", ""))
    with st.container(horizontal=True):
        if st.button(t("rules.use"), icon=":material/model_training:", type="primary"):
            with st.spinner(t("rules.voting")):
                written = use_as_training_labels(context().warehouse, author=author)
            st.toast(t("rules.used", n=f"{written.sessions:,}"))
            st.rerun()
        if versions and versions[0].sessions and st.button(t("rules.withdraw"), icon=":material/undo:"):
            withdraw_training_labels(context().warehouse, author=author)
            st.toast(t("rules.withdrawn"))
            st.rerun()
        page_link("train")


def _words(newest: WeakLabelVersion | None) -> str:
    if newest is None or not newest.sessions:
        return t("rules.none_used")
    return t(
        "rules.in_use",
        version=newest.version,
        n=f"{newest.sessions:,}",
        rules=newest.rules,
        at=f"{newest.created_at:%Y-%m-%d %H:%M}",
    )
