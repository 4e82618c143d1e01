"""The Quality page: whether there are labels, which of its tabs, and that tab."""

from collections.abc import Callable

import streamlit as st

from app.address import kept_choice
from app.components.parts import empty_state, page_header
from app.context import context
from app.i18n import t
from app.views.outdated_labels import render_outdated_labels
from app.views.quality_agreement import render_agreement
from app.views.quality_data import known_person
from app.views.quality_disputes import render_disputes
from app.views.quality_history import render_history
from app.views.quality_people import render_people
from app.views.quality_suspects import render_suspects
from core.intents.history import HistoryFilter, count_history

TABS: dict[str, Callable[[], None]] = {
    "agreement": render_agreement,
    "disputes": render_disputes,
    "suspects": render_suspects,
    "people": render_people,
    "history": render_history,
}
_OF_A_TAB = (
    *("kind", "pair", "row", "column", "target", "against", "guidelines"),
    *("by", "intent", "status", "stands", "session", "from", "to", "page"),
)
"""Parts of the address that mean something in one tab only, or different things in two."""


def render_quality() -> None:
    """Draw the page."""
    page_header("quality.title", "quality.help")
    if not count_history(context().warehouse, HistoryFilter()):
        empty_state(t("quality.no_labels"), t("quality.no_labels_body"), "label")
        return
    render_outdated_labels()
    known_person()  # the address may lose it on the way to another tab
    TABS[_tab()]()


def _tab() -> str:
    usual = next(iter(TABS))
    before = st.query_params.get("tab") or usual
    chosen = kept_choice("tab", t("quality.tabs"), list(TABS), lambda tab: t(f"quality.tab_{tab}"), segmented=True)
    if chosen != before:
        for name in _OF_A_TAB:
            st.query_params.pop(name, None)
    return chosen
