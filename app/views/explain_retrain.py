"""Correcting labels beside an explanation, taking that back, and training anew on what they are now."""

import streamlit as st

from app.address import keep
from app.components.parts import here_link, page_link, sentence
from app.components.resting import rerun_at_rest
from app.context import context
from app.guard import guard
from app.i18n import t
from core.errors import NotFoundError
from core.intents.adjudication import Target, settle, take_back
from core.jobs.progress import RunStatus
from core.registry.models import get_model
from core.store.labeled_queries import count_labels_since

_CORRECTED = "lessons_corrected"
"""Session state: client ids of the corrections made on this page, the newest last, with their targets."""

_SAID = "lessons_said"
"""What became of the last act, for the next drawing: a toast from a fragment's callback would take other elements'
place."""

RUN = "run"
_ASKED = ("session", "event", "intent", "against", "lessons", "annotator")
"""Of the address: what the same question is put to another model with."""


def correct(target: Target, intent: str, person: str, seen: int) -> None:
    """Settle a label by gold, which counts above what anybody had said; in the journal before this returns.

    Args:
        seen: `journal_place` when the label was shown; a second press on the same view decides nothing anew.
    """
    with guard():
        warehouse = context().warehouse
        client_id = settle(warehouse, target, intent, adjudicator=person, seen=seen)
        if client_id is None:
            st.session_state[_SAID] = t("lessons.changed_meanwhile")
            return
        corrected = st.session_state.setdefault(_CORRECTED, [])
        if (client_id, target.id, person) not in corrected:
            corrected.append((client_id, target.id, person))
        st.session_state[_SAID] = t("lessons.corrected", target=target.id)


def render_corrections(model_id: str, person: str | None) -> None:
    """What was corrected here, and the button that trains on it."""
    since = count_labels_since(context().warehouse, get_model(context().warehouse, model_id).created_at)
    corrected = st.session_state.get(_CORRECTED, [])
    with st.container(border=True):
        st.markdown(t("lessons.changed", n=since) if since else t("lessons.unchanged"))
        if said := st.session_state.pop(_SAID, ""):
            st.caption(said)
        with st.container(horizontal=True, vertical_alignment="center"):
            run = _asked_run()
            st.button(
                t("lessons.retrain"),
                key="lessons_retrain",
                icon=":material/model_training:",
                type="primary" if since else "secondary",
                disabled=run is not None and not context().jobs.is_settled(run),
                help=t("lessons.retrain_help"),
                on_click=_retrain,
            )
            if corrected:
                st.button(
                    t("lessons.undo", target=corrected[-1][1]),
                    key="lessons_undo",
                    icon=":material/undo:",
                    on_click=_undo,
                    args=corrected[-1],
                )
        if run is not None and not context().jobs.is_settled(run):
            _follow(run.run_id)
        elif run is not None:
            _say_ended(run, model_id)


def _undo(client_id: str, target: str, person: str) -> None:
    with guard():
        corrected = st.session_state.get(_CORRECTED, [])
        st.session_state[_CORRECTED] = [one for one in corrected if one[0] != client_id]
        taken = take_back(context().warehouse, client_id, adjudicator=person)
        st.session_state[_SAID] = t("lessons.undone" if taken else "lessons.changed_meanwhile", target=target)


def _retrain() -> None:
    with guard():
        keep(RUN, context().jobs.start("finetune", {"recipe": "auto"}))


def _asked_run() -> RunStatus | None:
    """The run of the address, if it is there."""
    asked = st.query_params.get(RUN)
    try:
        return context().jobs.status(asked) if asked else None
    except NotFoundError:
        return None


@st.fragment(run_every=1.0)  # type: ignore[untyped-decorator]
def _follow(run_id: str) -> None:
    """How the training goes; once it has ended the page is drawn anew, with what it made and the button free again."""
    run = context().jobs.status(run_id)
    if context().jobs.is_settled(run):
        rerun_at_rest("retrain")
    phase = t("train.phase", phase=run.phase, step=run.step, total=run.total) if run.phase else t("train.starting")
    st.progress(run.progress, text=phase)
    page_link("train", t("retrain.run"), run=run_id)


def _say_ended(run: RunStatus, explaining: str) -> None:
    """What became of the training, and where to look at it.

    Args:
        explaining: the model by which the page explains.
    """
    if run.status == "finished":
        _say_made(run.run_id, explaining)
    else:
        st.error(sentence(run.error) if run.error else t("lessons.stopped"), icon=":material/error:")
    page_link("train", t("retrain.run"), run=run.run_id)


def _say_made(model_id: str, explaining: str) -> None:
    """That the model is there, whether it serves, and the same event as it sees it."""
    serves = get_model(context().warehouse, model_id).status == "champion"
    st.success(t("retrain.serves" if serves else "retrain.waits", model=model_id), icon=":material/check:")
    if explaining == model_id:
        st.caption(t("retrain.explains"))
        return
    asked = {name: st.query_params[name] for name in _ASKED if name in st.query_params}
    here_link("explain", t("retrain.by_new"), **asked, model=model_id, run=model_id)
