"""The taxonomy as a file: to take away, and to bring back after a look at what would change."""

import streamlit as st

from app.context import context
from app.guard import guard
from app.i18n import t
from app.views.quality_data import person
from app.views.taxonomy_state import change, turn, whole
from app.views.taxonomy_words import said
from core.intents.differences import differences
from core.intents.editing import Replace
from core.intents.taxonomy import current_version
from core.intents.taxonomy_file import decode_taxonomy, write_taxonomy


def render_file() -> None:
    """The tab."""
    st.markdown(t("taxonomy.file_help"))
    version = current_version(context().warehouse).number
    st.download_button(
        t("taxonomy.download"),
        write_taxonomy(whole()),
        file_name=f"taxonomy-{version}.json",
        mime="application/json",
        icon=":material/download:",
        on_click="ignore",
    )
    author = person("taxonomy.person_edits")
    if author is None:
        return
    uploaded = st.file_uploader(t("taxonomy.upload"), type=["json"], key=f"taxonomy_file.{turn()}")
    if uploaded is not None:
        with guard():
            _plan(uploaded.name, uploaded.getvalue(), author)


def _plan(name: str, content: bytes, author: str) -> None:
    edit = Replace(decode_taxonomy(content, name), name)
    found = differences(whole(), edit.apply(whole()))
    if not found:
        st.info(t("taxonomy.no_difference"))
        return
    st.markdown(t("taxonomy.upload_changes", n=len(found), names=", ".join(said(one.intent) for one in found)))
    if st.button(t("taxonomy.upload_do"), type="primary", icon=":material/check:") and change([edit], author=author):
        st.rerun()
