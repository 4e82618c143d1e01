"""Posts that were acknowledged and could not be stored, on the Collect page: why, and what can be done about it."""

import json
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.components.parts import download_table, page_link, sentence, shown_table
from app.context import context
from app.guard import guard
from app.i18n import t
from app.views.collect_state import keep_decided, keep_put_away, last_decided, last_put_away
from core.store.set_aside import SetAside, bring_back, list_set_aside, put_away, set_aside_rows, store_again

LOOK_EVERY_S = 5.0
_COLUMNS = ("number", "at", "reason", "events", "refused")
_SHOWN = 200


@st.fragment(run_every=LOOK_EVERY_S)  # type: ignore[untyped-decorator]
def render_set_aside() -> None:
    """Draw the section, by the clock; nothing of it while no post is set aside."""
    posts = list_set_aside(context().warehouse)
    if posts:
        st.subheader(t("collect_aside.title"), anchor=False)
        newest = posts[0].reason or t("collect_aside.not_noted")
        st.error(t("collect_aside.why", n=len(posts), reason=sentence(newest)), icon=":material/report:")
        _table(posts)
        st.markdown(t("collect_aside.next"))
        _acts()
    _say_decided()


def _table(posts: Sequence[SetAside]) -> None:
    frame = pd.DataFrame([[getattr(post, name) for name in _COLUMNS] for post in posts], columns=list(_COLUMNS))
    frame = frame.assign(reason=frame["reason"].replace("", t("collect_aside.not_noted")))
    config = {name: t(f"collect_aside.column_{name}") for name in _COLUMNS}
    shown_table(frame.head(_SHOWN), column_config=config)
    download_table(frame, "set-aside-posts", label=t("collect_aside.list"))


def _acts() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(t("collect_aside.again"), type="primary", icon=":material/refresh:", on_click=_store_again)
        st.download_button(
            t("collect_aside.events"),
            _events,
            file_name="set-aside-events.jsonl",
            mime="application/jsonl",
            icon=":material/download:",
            on_click="ignore",
        )
        page_link("imports", t("collect_aside.import"))
        st.button(t("collect_aside.away"), icon=":material/archive:", on_click=_put_away)


def _events() -> bytes:
    """The events of the posts as JSON Lines that the Import page takes."""
    rows = set_aside_rows(context().warehouse)
    return "".join(json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in rows).encode()


def _store_again() -> None:
    with guard():
        done = store_again(context().warehouse)
        keep_decided(
            t("collect_aside.stored", n=done.stored) if not done.left else t("collect_aside.left", n=done.left)
        )
        keep_put_away(())


def _put_away() -> None:
    with guard():
        numbers = put_away(context().warehouse)
        keep_decided(t("collect_aside.put_away", n=len(numbers)))
        keep_put_away(numbers)


def _bring_back() -> None:
    with guard():
        bring_back(context().warehouse, last_put_away())
        keep_decided("")
        keep_put_away(())


def _say_decided() -> None:
    """What became of the last press, and its undoing."""
    if not (said := last_decided()):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(said, width="content")
        if last_put_away():
            st.button(t("collect.undo"), icon=":material/undo:", key="set_aside_undo", on_click=_bring_back)
