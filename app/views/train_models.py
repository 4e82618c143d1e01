"""Models: which serves, how each did on held-out labels beside the baselines, compare, promote, roll back."""

from typing import Any

import pandas as pd
import streamlit as st

from app.charts.training import scores_figure
from app.components.parts import download_table, page_link, shown_table
from app.context import context
from app.i18n import t
from app.intent_names import intent_names
from app.views.train_card import render_card
from app.views.train_promotion import render_promotion, told
from core.registry.models import ModelRecord, champion, list_models

COLUMNS = ("model_id", "kind", "status", "macro_f1", "ece", "labels", "created_at")
BASELINES = ("trees", "kgram", "base_rate")
_PER_INTENT = ("intent", "precision", "recall", "f1", "pr_auc", "base_rate", "support")


def render_models() -> None:
    """Draw the models."""
    st.subheader(t("train.models"), anchor=False)
    models = list_models(context().warehouse)
    if not models:
        st.caption(t("train.no_models"))
        return
    _table(models)
    finetuned = {model.model_id: model for model in models if model.kind == "finetuned"}
    if finetuned:
        _compare(finetuned)
        _roll_back(models)


def _table(models: list[ModelRecord]) -> None:
    rows = [
        {
            "model_id": model.model_id,
            "kind": t(f"train.kind_{model.kind}"),
            "status": t(f"train.status_{model.status}") if model.kind == "finetuned" else "",
            "macro_f1": model.metrics.get("macro_f1"),
            "ece": model.metrics.get("ece"),
            "labels": model.card.get("labels"),
            "created_at": model.created_at,
        }
        for model in models
    ]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    config: dict[str, Any] = {name: t(f"train.column_{name}") for name in COLUMNS}
    for name in ("macro_f1", "ece"):
        config[name] = st.column_config.NumberColumn(config[name], format="%.3f")
    shown_table(frame, column_config=config)
    download_table(frame, "models")


def _compare(models: dict[str, ModelRecord]) -> None:
    """One model in full, or two side by side."""
    serving = champion(context().warehouse)
    first = st.query_params.get("model") or (serving.model_id if serving else "")
    chosen = st.multiselect(
        t("train.compare"), list(models), default=[first if first in models else next(iter(models))], max_selections=2
    )
    if not chosen:
        return
    st.query_params["model"] = chosen[0]
    for place, column in zip(chosen, st.columns(len(chosen)), strict=True):
        with column, st.container(border=True):
            _render_model(models[place])


def _render_model(model: ModelRecord) -> None:
    st.markdown(f"**{model.model_id}** · {t(f'train.status_{model.status}')}")
    render_promotion(model)
    scores = _scores(model)
    if not scores.empty:
        st.caption(t("train.scores"), help=t("train.scores_help", n=model.metrics.get("labels", 0)))
        st.plotly_chart(scores_figure(scores), config={"displayModeBar": False}, key=f"scores-{model.model_id}")
        st.caption(t("train.per_intent"))
        shown_table(_per_intent(model), column_config=_per_intent_config())
    page_link("evaluate", t("train.evaluate"), model=model.model_id)
    render_card(model)


def _scores(model: ModelRecord) -> pd.DataFrame:
    """The model's and the baselines' macro-F1 with intervals, the model first."""
    found = {model.model_id: model.metrics}
    baselines = model.card.get("baselines") or {}
    found |= {t(f"train.baseline_{name}"): baselines[name] for name in BASELINES if name in baselines}
    rows = [
        (name, metrics["macro_f1"], *metrics["macro_f1_interval"], name == model.model_id)
        for name, metrics in found.items()
        if "macro_f1_interval" in metrics
    ]
    return pd.DataFrame(rows, columns=["name", "macro_f1", "low", "high", "is_model"])


def _per_intent(model: ModelRecord) -> pd.DataFrame:
    names = intent_names()
    rows = [
        {"intent": names.get(intent, intent)} | figures
        for intent, figures in zip(model.intents, model.metrics.get("per_intent", []), strict=False)
    ]
    return pd.DataFrame(rows, columns=list(_PER_INTENT))


def _per_intent_config() -> dict[str, Any]:
    config: dict[str, Any] = {name: t(f"train.column_{name}") for name in _PER_INTENT}
    for name in _PER_INTENT[1:-1]:
        config[name] = st.column_config.NumberColumn(config[name], format="%.2f")
    return config


def _roll_back(models: list[ModelRecord]) -> None:
    if any(model.status != "champion" and model.promoted_at for model in models) and st.button(
        t("train.rollback"), icon=":material/undo:"
    ):
        told(context().jobs.roll_back())
