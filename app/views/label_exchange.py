"""Labels out and in from the Label page's sidebar: one download with a choice of format, one upload with a preview."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import streamlit as st

from app.context import context
from app.guard import guard
from app.i18n import t
from app.views.label_import import render_import
from core.intents.exchange.exporting import export_one_file
from core.intents.exchange.registry import EXPORTED, FORMATS
from core.store.annotation_export_queries import count_current_annotations


def render_exchange() -> None:
    """The two buttons, below everything else of the sidebar; each opens a dialog over the page."""
    with st.sidebar:
        if st.button(t("label_exchange.download"), icon=":material/download:", width="stretch"):
            st.session_state.pop("label_file", None)  # each opening sees the labels made meanwhile
            _dialog("label_exchange.download", _choose_file)
        if st.button(t("label_exchange.bring_in"), icon=":material/upload:", width="stretch"):
            _dialog("label_exchange.bring_in", render_import, width="large")


def _dialog(title_key: str, draw: Callable[[], None], width: Literal["small", "large"] = "small") -> None:
    """What `draw` draws, over the page; it reruns alone, and only while it is open."""

    @st.dialog(t(title_key), width=width)  # type: ignore[untyped-decorator]
    def dialog() -> None:
        with guard():
            draw()

    dialog()


def _choose_file() -> None:
    """The format, what it is good for, and the file."""
    warehouse = context().warehouse
    if not count_current_annotations(warehouse):
        st.caption(t("label_exchange.nothing"))
        return
    name = st.selectbox(
        t("label_exchange.format"), EXPORTED, format_func=lambda name: FORMATS[name].title, key="label_format"
    )
    with_skipped = FORMATS[name].keeps_skipped
    count = count_current_annotations(warehouse, with_skipped=with_skipped)
    st.caption(t(f"label_exchange.about_{name.replace('-', '_')}"))
    st.caption(t("label_exchange.all_labels" if with_skipped else "label_exchange.given", n=f"{count:,}"))
    file_name, data = _file(name)
    st.download_button(
        t("label_exchange.download_file"),
        data,
        file_name=file_name,
        mime="application/zip" if file_name.endswith(".zip") else FORMATS[name].mime,
        type="primary",
        icon=":material/download:",
        on_click="ignore",
        key=f"export_{name}",
    )


def _file(name: str) -> tuple[str, bytes]:
    """Name and bytes, made once a format: a file made on the click may be gone before the browser fetches it."""
    files: dict[str, tuple[str, bytes]] = st.session_state.setdefault("label_file", {})
    if name not in files:
        files.clear()
        with TemporaryDirectory() as folder, st.spinner(t("label_exchange.writing")):
            path = export_one_file(context().warehouse, Path(folder), name)
            files[name] = (f"labels-{name}{path.suffix}", path.read_bytes())
    return files[name]
