"""The Intents page: the list and its editor, the guidelines, the history, and the taxonomy as a file."""

from collections.abc import Callable

import streamlit as st

from app.address import kept_choice
from app.components.parts import page_header
from app.context import context
from app.i18n import t
from app.views.quality_data import known_person
from app.views.taxonomy_file import render_file
from app.views.taxonomy_guidelines import render_guidelines
from app.views.taxonomy_history import render_history
from app.views.taxonomy_list import render_list
from app.views.taxonomy_state import offer_undo
from core.intents.taxonomy import current_version

TABS: dict[str, Callable[[], None]] = {
    "list": render_list,
    "guidelines": render_guidelines,
    "history": render_history,
    "file": render_file,
}


def render_taxonomy() -> None:
    """Draw the page."""
    page_header("taxonomy.title", "taxonomy.help")
    known_person()  # the address may lose it on the way to another tab
    version = current_version(context().warehouse)
    st.caption(t("taxonomy.version", version=version.number, guidelines=version.guideline_version))
    offer_undo()
    tab = kept_choice("tab", t("taxonomy.tabs"), list(TABS), lambda tab: t(f"taxonomy.tab_{tab}"), segmented=True)
    TABS[tab]()
