"""The Label page: who labels, from which queue, and the labeler itself."""

import threading
from contextlib import suppress

import streamlit as st

from app.api.guidelines import GUIDELINES_URL
from app.api.labels import CARDS_URL, LABELS_URL
from app.components.labeler import labeler
from app.components.parts import empty_state, page_header
from app.components.shared.payload import component_texts, event_type_names, intent_records, locale
from app.context import context
from app.guard import guard
from app.i18n import t
from app.page_token import page_token
from app.views.label_desk import LabelDesk
from app.views.label_exchange import render_exchange
from app.views.label_journal import progress_by_intent
from app.views.label_learning import render_learning
from app.views.label_progress import ending, render_progress
from app.views.label_queue import choose_queue, explain_need
from core.active.handing_out import check_queue
from core.active.options import QueueOptions
from core.active.query_strategies.typical import prepare
from core.errors import WarehouseWriteError
from core.intents.taxonomy import current_version, load_taxonomy
from core.registry.scored import scored_models
from core.store.overview_queries import totals

KEEP_S = 60
"""How often an open page says that it is there."""


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
    _prepare_queues()
    models = scored_models(warehouse)
    options = choose_queue(models)
    if not explain_need(options, models):
        with guard():
            check_queue(warehouse, options, models)
            _desk(annotator, options, _first_session(options))
            with st.sidebar:
                render_progress(annotator, options, models)
    render_learning(annotator)
    render_exchange()


@st.cache_resource  # type: ignore[untyped-decorator]
def _prepare_queues() -> None:
    """Once for the server, in the background: whoever labels may choose the queue that must load a library first."""
    threading.Thread(target=prepare, name="label-queues", daemon=True).start()


def _first_session(options: QueueOptions) -> str | None:
    """The session asked for in the address; in a filter's address that name belongs to the filter."""
    return None if options.queue == "filter" else st.query_params.get("session")


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


@st.cache_resource(scope="session", max_entries=1, show_spinner=False, on_release=lambda desk: _leave(desk))  # type: ignore[untyped-decorator]
def _opened_desk(key: str, _annotator: str, _options: QueueOptions, _first_session: str | None) -> LabelDesk:
    """The desk of this page; it is left when another queue is opened or the page is closed."""
    desk = LabelDesk(_annotator, _options, scored_models(context().warehouse))
    desk.open(context().warehouse, _first_session)
    return desk


def _leave(desk: LabelDesk) -> None:
    with suppress(WarehouseWriteError, RuntimeError):  # the server may be closing too; then the leases run out
        desk.leave(context().warehouse)


@st.fragment(run_every=KEEP_S)  # type: ignore[untyped-decorator]
def _desk(annotator: str, options: QueueOptions, first_session: str | None) -> None:
    """The labeler; it reruns alone when the browser sends something, and now and then to keep its sessions.

    What it hands out next is ranked by the models of now: one may have begun to serve since the page was drawn.
    """
    warehouse = context().warehouse
    key = f"labeler.{annotator}.{options.key}.{first_session or ''}"

    def on_sync() -> None:
        sent = st.session_state[key].sync
        if sent:
            with guard():  # what fails is asked for again
                desk = _opened_desk(key, annotator, options, first_session)
                desk.models = scored_models(context().warehouse)
                desk.take(context().warehouse, sent)

    with guard():
        desk = _opened_desk(key, annotator, options, first_session)
        desk.options, desk.models = options, scored_models(warehouse)
        desk.keep(warehouse)
        labeler(_data(desk) | {"target": _target(first_session)}, key=key, on_sync=on_sync)


def _target(first_session: str | None) -> dict[str, str] | None:
    """The event, or the first and last of a span, that the address wants under the annotator's hand."""
    event_id = st.query_params.get("event", "")
    if not first_session or not event_id:
        return None
    return {"session_id": first_session, "event_id": event_id, "until": st.query_params.get("until", "")}


def _data(desk: LabelDesk) -> dict[str, object]:
    warehouse = context().warehouse
    texts = component_texts("label")
    if desk.exhausted:
        texts["queue_done"], texts["queue_done_hint"] = ending(desk)
    return {
        "annotator": desk.annotator,
        "language": locale(),
        "texts": texts,
        "types": event_type_names(),
        "intents": intent_records(load_taxonomy(warehouse)),
        "queue": desk.cards,
        "exhausted": desk.exhausted,
        "progress": progress_by_intent(warehouse, desk.annotator),
        "retired": intent_records(tuple(one for one in load_taxonomy(warehouse, inactive=True) if not one.active)),
        "guidelines": {"url": GUIDELINES_URL, "version": current_version(warehouse).guideline_version},
        "post": {"url": LABELS_URL, "token": page_token(), "cards": CARDS_URL, "desk": desk.desk_id},
    }
