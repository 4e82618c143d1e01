"""The Label page: who labels, from which queue, and the labeler itself."""

from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from app.api.labels import LABELS_URL
from app.components.labeler import labeler
from app.components.parts import empty_state, page_header
from app.components.shared.payload import component_texts, event_type_names, intent_records, locale
from app.context import context
from app.guard import guard
from app.i18n import t
from app.page_token import page_token
from app.views.label_desk import LabelDesk
from app.views.label_journal import progress_by_intent
from core.intents.exchange import Format, export_annotations
from core.intents.queue import Queue
from core.intents.taxonomy import load_taxonomy
from core.registry.models import champion
from core.store.overview_queries import totals

QUEUES: tuple[Queue, ...] = ("random", "uncertain")


def render_label() -> None:
    """Draw the page."""
    page_header("label.title", "label.help")
    warehouse = context().warehouse
    if not totals(warehouse).sessions:
        empty_state(t("label.no_sessions"), t("label.no_sessions_body"), "imports")
        return
    annotator = _annotator()
    if not annotator:
        _ask_annotator()
        return
    queue, model_id = _queue()
    _desk(annotator, queue, model_id, st.query_params.get("session"))
    _export()


def _annotator() -> str:
    """The name in the address, editable in the sidebar; kept for the other pages too."""
    known: str = st.query_params.get("annotator") or st.session_state.get("annotator", "")
    if known:
        known = st.sidebar.text_input(
            t("label.annotator"), value=known, help=t("label.annotator_help"), max_chars=60
        ).strip()
        _remember(known)
    return known


def _remember(annotator: str) -> None:
    st.session_state["annotator"] = annotator
    if annotator and st.query_params.get("annotator") != annotator:
        st.query_params["annotator"] = annotator


def _ask_annotator() -> None:
    with st.form("annotator_form", border=True):
        st.subheader(t("label.annotator_needed"))
        st.write(t("label.annotator_needed_body"))
        name = st.text_input(t("label.annotator"), max_chars=60)
        if st.form_submit_button(t("label.annotator_start"), type="primary") and name.strip():
            _remember(name.strip())
            st.rerun()


def _queue() -> tuple[Queue, str | None]:
    asked = st.query_params.get("queue", "random")
    index = QUEUES.index(asked) if asked in QUEUES else 0
    chosen: Queue = st.sidebar.selectbox(
        t("label.queue"),
        QUEUES,
        index=index,
        format_func=lambda queue: t(f"label.queue_{queue}"),
        help=t("label.queue_help"),
    )
    if chosen != asked:
        st.query_params["queue"] = chosen
    model = champion(context().warehouse)
    if chosen == "uncertain" and model is None:
        st.sidebar.info(t("label.uncertain_needs_model"))
        return "random", None
    return chosen, model.model_id if model else None


@st.fragment  # type: ignore[untyped-decorator]
def _desk(annotator: str, queue: Queue, model_id: str | None, first_session: str | None) -> None:
    """The labeler; it reruns alone when the browser sends something."""
    warehouse = context().warehouse
    key = f"labeler.{annotator}.{queue}.{first_session or ''}"
    desk = st.session_state.get(f"desk.{key}")
    if desk is None:
        desk = LabelDesk(annotator, queue, model_id=model_id)
        desk.open(warehouse, first_session)
        st.session_state[f"desk.{key}"] = desk

    def on_sync() -> None:
        sent = st.session_state[key].sync
        if sent:
            with guard():  # what fails is asked for again
                desk.take(context().warehouse, sent)

    with guard():
        labeler(_data(desk), key=key, on_sync=on_sync)


def _data(desk: LabelDesk) -> dict[str, object]:
    warehouse = context().warehouse
    return {
        "annotator": desk.annotator,
        "language": locale(),
        "texts": component_texts("label"),
        "types": event_type_names(),
        "intents": intent_records(load_taxonomy(warehouse)),
        "queue": desk.cards,
        "exhausted": desk.exhausted,
        "progress": progress_by_intent(warehouse, desk.annotator),
        "post": {"url": LABELS_URL, "token": page_token()},
    }


def _export() -> None:
    """All annotations of everybody, made when asked for."""
    with st.sidebar:
        for name, kind, mime in (
            ("jsonl", "label.export_jsonl", "application/jsonl"),
            ("csv", "label.export_csv", "text/csv"),
        ):
            st.download_button(
                t(kind),
                data=lambda name=name: _exported(name),
                file_name=f"annotations.{name}",
                mime=mime,
                key=f"export_{name}",
            )


def _exported(name: Format) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"annotations.{name}"
        export_annotations(context().warehouse, path, name)
        return path.read_bytes()
