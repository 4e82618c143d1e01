"""Starting runs: pretraining and fine-tuning, with the arguments that matter."""

from typing import Any

import streamlit as st

from app.components.parts import page_link
from app.context import context
from app.i18n import t
from app.views.train_continue import render_continue

LEAST_LABELS = 4
LEAST_INTENTS = 2
_SIZES = ("small", "tiny", "base")
_RECIPES = ("full", "head")


def render_start(labels: dict[str, int]) -> None:
    """Two forms side by side; `labels` counts them by intent."""
    st.subheader(t("train.start"), anchor=False)
    left, right = st.columns(2)
    with left, st.container(border=True):
        _pretrain()
    with left:
        render_continue()
    with right, st.container(border=True):
        _finetune(labels)
    st.caption(t("train.queued_note"))


def _pretrain() -> None:
    st.markdown(f"**{t('train.pretrain')}**")
    st.caption(t("train.pretrain_help"))
    size = st.segmented_control(t("train.size"), _SIZES, default="small", help=t("train.size_help"), required=True)
    epochs = st.number_input(t("train.epochs"), 1, 200, value=10)
    if st.button(t("train.pretrain"), icon=":material/play_arrow:", key="start_pretrain"):
        _start("pretrain", {"size": size, "epochs": int(epochs)}, 0)


def _finetune(labels: dict[str, int]) -> None:
    st.markdown(f"**{t('train.finetune')}**")
    st.caption(t("train.finetune_help"))
    recipe = st.segmented_control(
        t("train.recipe"),
        _RECIPES,
        default="full",
        format_func=lambda name: t(f"train.recipe_{name}"),
        help=t("train.recipe_help"),
        required=True,
    )
    seed = st.number_input(t("train.seed"), 0, 1_000_000, value=0)
    enough = sum(labels.values()) >= LEAST_LABELS and len(labels) >= LEAST_INTENTS
    if not enough:
        st.info(t("train.too_few", n=sum(labels.values()), intents=len(labels)), icon=":material/sell:")
        page_link("label", t("train.label_more"))
    if st.button(
        t("train.finetune"), type="primary", icon=":material/play_arrow:", disabled=not enough, key="start_finetune"
    ):
        _start("finetune", {"recipe": recipe}, int(seed))


def _start(kind: str, arguments: dict[str, Any], seed: int) -> None:
    run_id = context().jobs.start(kind, arguments, seed=seed)
    st.query_params["run"] = run_id
    st.toast(t("train.started"))
    st.rerun()
