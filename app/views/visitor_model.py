"""The champion model as pages meet it: absent, being loaded, or ready."""

from typing import TYPE_CHECKING

import streamlit as st

from app.components.parts import empty_state
from app.components.resting import rerun_at_rest
from app.context import context
from app.i18n import t

if TYPE_CHECKING:
    from core.model.scorer import SessionScorer


def champion_or_explanation(area: str) -> "SessionScorer | None":
    """The champion; where there is none yet, says why on the page and what to do (texts of `area`)."""
    models = context().models
    scorer = models.champion()
    if scorer is None:
        if models.state() == "loading":
            wait_for_model(area)
        else:
            empty_state(t(f"{area}.no_model"), t(f"{area}.no_model_body"), "train")
    return scorer


@st.fragment(run_every=1.0)  # type: ignore[untyped-decorator]
def wait_for_model(area: str) -> None:
    """Says that the model is on its way; draws the page again once it is there."""
    if context().models.state() != "loading":
        rerun_at_rest("model")
    st.info(t(f"{area}.model_loading"), icon=":material/hourglass_top:")


@st.fragment(run_every=1.0)  # type: ignore[untyped-decorator]
def await_model() -> None:
    """The same without a word, where the page shows all that matters before the model is there."""
    if context().models.state() != "loading":
        rerun_at_rest("model")
