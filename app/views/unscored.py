"""Sessions that have no intent yet, told where intents are shown: why, and the press that scores them."""

import streamlit as st

from app.components.resting import rerun_at_rest
from app.context import context
from app.i18n import t
from core.jobs.progress import RunStatus
from core.registry.models import ModelRecord, champion
from core.store.prediction_queries import count_unscored


def render_unscored() -> bool:
    """Draw the notice; False, with nothing drawn, where no model serves or every session is scored."""
    model = champion(context().warehouse)
    waiting = count_unscored(context().warehouse, model.model_id) if model else 0
    if model is None or not waiting:
        return False
    run = scoring_run(model)
    if run is not None:
        _follow(run.run_id)
        return True
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="unscored"):
        words = t("unscored.why", n=f"{waiting:,}", model=model.model_id)
        st.markdown(f":material/hourglass_empty: {words}", width="stretch")
        if st.button(t("unscored.score"), icon=":material/play_arrow:"):
            context().jobs.start("score", {}, base_model=model.folder)
            st.rerun()
    return True


def scoring_run(model: ModelRecord) -> RunStatus | None:
    """The run by which the model scores all sessions now, or that waits for its turn."""
    jobs = context().jobs
    for run in jobs.runs():
        if run.kind == "score" and not jobs.is_settled(run) and jobs.spec(run.run_id).base_model == model.folder:
            return run
    return None


@st.fragment(run_every=1.0)  # type: ignore[untyped-decorator]
def _follow(run_id: str) -> None:
    """How far the scoring is; draws the page once the intents are there."""
    run = context().jobs.status(run_id)
    if context().jobs.is_settled(run):
        rerun_at_rest("unscored")
    st.progress(run.progress, text=t("unscored.going_on" if run.status == "running" else "unscored.queued"))
