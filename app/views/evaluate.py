"""The Evaluate page: which model, whether it can be evaluated, then its figures one after another."""

import streamlit as st

from app.address import in_address, keep, kept_choice
from app.components.parts import empty_state, page_header, plain
from app.context import context
from app.i18n import t
from app.views.evaluate_comparison import render_comparison
from app.views.evaluate_confusion import render_confusion
from app.views.evaluate_data import report_of
from app.views.evaluate_divergence import render_divergence
from app.views.evaluate_explanations import render_explanations
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
        if against is not None:
            render_divergence(model, against)
        render_explanations(model, models)
        return
    render_headline(model, report)
    if against is not None:
        render_comparison(model, against)
        render_divergence(model, against)
    render_confusion(model, report)
    for pair in ((render_calibration, render_seen), (render_flips, render_slices)):
        for render, column in zip(pair, st.columns(2), strict=True):
            with column:
                render(model, report)
    render_mistakes(model, report)
    render_explanations(model, models)
    render_method(model, report)


def _choose(models: dict[str, ModelRecord]) -> tuple[ModelRecord, ModelRecord | None]:
    """The model of the address or the one that serves, and the one to set beside it, if any."""
    serving = champion(context().warehouse)
    asked = st.query_params.get("model", "")
    if asked and asked not in models:
        st.info(t("evaluate.unknown_model", model=plain(asked)), icon=":material/search_off:")
    left, right = st.columns(2)
    usual = serving.model_id if serving and serving.model_id in models else next(iter(models))
    key = in_address("model", lambda said: said if said in models else usual)
    if st.session_state[key] not in models:
        st.session_state[key] = usual
    label = t("evaluate.model")
    chosen = str(left.selectbox(label, list(models), format_func=lambda one: _called(models[one]), key=key))
    if asked not in ("", chosen):  # another model has other cells, so a chosen cell goes
        for name in ("answer", "guess", "one", "other"):
            st.query_params.pop(name, None)
    keep("model", chosen)
    against = kept_choice(
        "against",
        t("evaluate.against"),
        ["", *(one for one in models if one != chosen)],
        lambda one: _called(models[one]) if one else t("evaluate.against_none"),
        place=right,
        help=t("evaluate.against_help"),
        disabled=len(models) == 1,
    )
    return models[chosen], models.get(against)


def _called(model: ModelRecord) -> str:
    return f"{model.model_id} · {t(f'train.status_{model.status}')}"
