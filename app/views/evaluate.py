"""The Evaluate page: which model, whether it can be evaluated, then its figures one after another."""

import streamlit as st

from app.components.parts import empty_state, page_header
from app.context import context
from app.i18n import t
from app.views.evaluate_comparison import render_comparison
from app.views.evaluate_confusion import render_confusion
from app.views.evaluate_data import report_of
from app.views.evaluate_headline import render_headline, render_method
from app.views.evaluate_mistakes import render_mistakes
from app.views.evaluate_quality import render_calibration, render_flips, render_seen, render_slices
from core.registry.models import ModelRecord, champion, list_models


def render_evaluate() -> None:
    """Draw the page."""
    page_header("evaluate.title", "evaluate.help")
    models = {model.model_id: model for model in list_models(context().warehouse) if model.kind == "finetuned"}
    if not models:
        empty_state(t("evaluate.no_model"), t("evaluate.no_model_body"), "train")
        return
    model, against = _choose(models)
    report = report_of(model)
    if report is None:
        empty_state(t("evaluate.no_records", model=model.model_id), t("evaluate.no_records_body"), "train")
        return
    render_headline(model, report)
    if against is not None:
        render_comparison(model, against)
    render_confusion(model, report)
    for pair in ((render_calibration, render_seen), (render_flips, render_slices)):
        for render, column in zip(pair, st.columns(2), strict=True):
            with column:
                render(model, report)
    render_mistakes(model, report)
    render_method(model, report)


def _choose(models: dict[str, ModelRecord]) -> tuple[ModelRecord, ModelRecord | None]:
    """The model of the address or the one that serves, and the one to set beside it, if any."""
    serving = champion(context().warehouse)
    asked = st.query_params.get("model", serving.model_id if serving else "")
    if asked not in models:
        if asked and "model" in st.query_params:
            st.info(t("evaluate.unknown_model", model=asked), icon=":material/search_off:")
        asked = serving.model_id if serving else next(iter(models))
    left, right = st.columns(2)
    ids = list(models)
    chosen = left.selectbox(
        t("evaluate.model"), ids, index=ids.index(asked), format_func=lambda one: _called(models[one])
    )
    others = ["", *(one for one in ids if one != chosen)]
    beside = st.query_params.get("against", "")
    against = right.selectbox(
        t("evaluate.against"),
        others,
        index=others.index(beside) if beside in others else 0,
        format_func=lambda one: _called(models[one]) if one else t("evaluate.against_none"),
        help=t("evaluate.against_help"),
        disabled=len(others) == 1,
    )
    _remember(str(chosen), str(against))
    return models[chosen], models.get(against)


def _called(model: ModelRecord) -> str:
    return f"{model.model_id} · {t(f'train.status_{model.status}')}"


def _remember(model_id: str, against: str) -> None:
    """The choice in the address; another model has other cells, so a chosen cell goes."""
    if st.query_params.get("model", model_id) != model_id:
        for name in ("answer", "guess"):
            st.query_params.pop(name, None)
    st.query_params["model"] = model_id
    if against:
        st.query_params["against"] = against
    else:
        st.query_params.pop("against", None)
