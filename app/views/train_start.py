"""Starting runs: pretraining and fine-tuning, with the arguments that matter."""

from typing import Any

import streamlit as st

from app.components.parts import page_link
from app.context import context
from app.i18n import t
from app.training_choices import OPTIONS, PATIENCE, PRETRAINING_EPOCHS, RECIPES, SMOOTHING, TUNINGS
from app.views.train_continue import render_continue
from app.views.train_encoder import text_encoder_choice
from core.store.labeled_queries import LabelsToTeach

LEAST_LABELS = 4
LEAST_INTENTS = 2
_SIZES = ("tiny", "small", "base")


def render_start(labels: LabelsToTeach) -> None:
    """Two forms side by side."""
    st.subheader(t("train.start"), anchor=False)
    left, right = st.columns(2)
    with left, st.container(border=True):
        _pretrain()
    with right:
        with st.container(border=True):
            _finetune(labels)
        render_continue()
    st.caption(t("train.queued_note"))


def _pretrain() -> None:
    st.markdown(f"**{t('train.pretrain')}**")
    st.caption(t("train.pretrain_help"))
    size = st.segmented_control(t("train.size"), _SIZES, default="small", help=t("train.size_help"), required=True)
    epochs = st.number_input(t("train.epochs"), 1, 200, value=PRETRAINING_EPOCHS)
    encoder = text_encoder_choice()
    if st.button(t("train.pretrain"), icon=":material/play_arrow:", disabled=encoder is None, key="start_pretrain"):
        _start("pretrain", {"size": size, "epochs": int(epochs), "text_encoder": encoder}, 0)


def _finetune(labels: LabelsToTeach) -> None:
    st.markdown(f"**{t('train.finetune')}**")
    st.caption(t("train.finetune_help"))
    recipe = st.selectbox(t("train.recipe"), RECIPES, format_func=lambda name: t(f"train.recipe_{name}"))
    st.caption(t(f"train.recipe_{recipe}_help"))
    options = _options()
    seed = st.number_input(t("train.seed"), 0, 1_000_000, value=0)
    enough = labels.taught >= LEAST_LABELS and len(labels.by_intent) >= LEAST_INTENTS
    if not enough:
        st.info(t("train.too_few", n=labels.taught, intents=len(labels.by_intent)), icon=":material/sell:")
        page_link("label", t("train.label_more"))
    if st.button(
        t("train.finetune"), type="primary", icon=":material/play_arrow:", disabled=not enough, key="start_finetune"
    ):
        _start("finetune", {"recipe": recipe} | options, int(seed))


def _options() -> dict[str, Any]:
    """The arguments of what was turned on or changed; the job knows the others' defaults."""
    chosen: dict[str, Any] = {}
    with st.expander(t("train.options")):
        for name, strength in OPTIONS.items():
            if st.checkbox(t(f"train.option_{name}"), key=f"option_{name}"):
                chosen[name] = strength
            st.caption(t(f"train.option_{name}_help"))
        if not st.checkbox(t("train.option_class_weights"), value=True, key="option_class_weights"):
            chosen["class_weights"] = False
        st.caption(t("train.option_class_weights_help"))
        for name in ("text_tuning", "image_tuning"):
            tuning = st.selectbox(t(f"train.option_{name}"), TUNINGS, format_func=lambda how: t(f"train.tuning_{how}"))
            st.caption(t(f"train.option_{name}_help"))
            if tuning != TUNINGS[0]:
                chosen[name] = tuning
        smoothing = st.slider(
            t("train.option_label_smoothing"), 0.0, 0.3, SMOOTHING, 0.01, help=t("train.option_label_smoothing_help")
        )
        if smoothing != SMOOTHING:
            chosen["label_smoothing"] = smoothing
        patience = st.number_input(t("train.option_patience"), 1, 50, PATIENCE, help=t("train.option_patience_help"))
        if patience != PATIENCE:
            chosen["patience"] = int(patience)
    return chosen


def _start(kind: str, arguments: dict[str, Any], seed: int) -> None:
    run_id = context().jobs.start(kind, arguments, seed=seed)
    st.query_params["run"] = run_id
    st.toast(t("train.started"))
    st.rerun()
