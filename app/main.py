"""The app's entry: language, menu, and the page that was asked for."""

from pathlib import Path

import streamlit as st

from app.i18n import LANGUAGES, language, t
from app.navigation import PAGES
from app.theme import PAGE_STYLE
from app.views.startup import show_startup

ICON = Path(__file__).with_name("icon.png")  # a file of our own: named icons are fetched from elsewhere
st.set_page_config(page_title="IntentLens", page_icon=str(ICON), layout="wide")
st.html(PAGE_STYLE)


def _choose_language() -> None:
    st.session_state["language"] = st.session_state["language_choice"]


current = language()
groups: dict[str, list[st.Page]] = {}
for number, page in enumerate(PAGES):
    shown = st.Page(page.file, title=t(page.title_key), icon=page.icon, url_path=page.url, default=number == 0)
    groups.setdefault(t(f"navigation.group_{page.group}"), []).append(shown)
chosen = st.navigation(groups, expanded=True)

with st.sidebar:
    show_startup()
    st.segmented_control(
        t("shell.language"),
        list(LANGUAGES),
        default=current,
        format_func=LANGUAGES.__getitem__,
        key="language_choice",
        on_change=_choose_language,
        label_visibility="collapsed",
        required=True,
    )
chosen.run()
