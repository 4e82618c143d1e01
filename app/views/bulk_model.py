"""The model whose view of the sessions the map and likeness are made of; or why there is none yet."""

import streamlit as st

from app.components.parts import empty_state
from app.components.resting import rerun_at_rest
from app.context import context
from app.i18n import t
from app.views.unscored import render_unscored
from core.active.options import ScoredModel
from core.registry.scored import scored_models


def embedded_or_explanation(models: tuple[ScoredModel, ...]) -> ScoredModel | None:
    """The serving model if its states of the sessions are stored; else says what is missing."""
    if models and models[0].embedded:
        return models[0]
    if _is_scoring():
        _wait_for_scores()
    elif not render_unscored():
        empty_state(t("bulk.needs_model"), t("bulk.needs_model_body"), "train")
    return None


def _is_scoring() -> bool:
    return any(run.kind == "score" and not context().jobs.is_settled(run) for run in context().jobs.runs())


@st.fragment(run_every=1.0)  # type: ignore[untyped-decorator]
def _wait_for_scores() -> None:
    """How far the scoring is; draws the page once it is over."""
    if scored_models(context().warehouse) or not _is_scoring():
        rerun_at_rest("scores")
    run = next((run for run in context().jobs.runs() if run.kind == "score"), None)
    with st.container(border=True):
        st.markdown(t("bulk.scoring"))
        st.progress(run.progress if run else 1.0)
