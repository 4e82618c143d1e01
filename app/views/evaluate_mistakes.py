"""The mistakes, worst or surest first: to learn from, or to label again."""

from typing import TYPE_CHECKING

import streamlit as st

from app.address import kept_choice
from app.components.parts import download_table, percent
from app.i18n import t
from app.views.evaluate_cases import render_cases, with_names
from core.registry.models import ModelRecord

if TYPE_CHECKING:
    from core.evaluation.report import EvaluationReport

ORDERS = ("loss", "confidence")


def render_mistakes(model: ModelRecord, report: "EvaluationReport") -> None:
    """Wrong answers as cards, in the order the address or the reader says."""
    from core.evaluation.mistakes import most_confident_wrong, worst_by_loss

    with st.container(border=True):
        st.subheader(t("evaluate.mistakes"), anchor=False)
        label = t("evaluate.mistakes_order")
        order = kept_choice("mistakes", label, ORDERS, lambda name: t(f"evaluate.mistakes_{name}"), segmented=True)
        found = (worst_by_loss if order == "loss" else most_confident_wrong)(report.labelled)
        n = len(report.labelled)
        if found.empty:
            st.success(t("evaluate.no_mistakes", n=n), icon=":material/check:")
            return
        st.caption(t(f"evaluate.mistakes_{order}_words", wrong=len(found), n=n, share=percent(len(found) / n)))
        render_cases(found, model_id=model.model_id)
        download_table(with_names(found), f"mistakes-{model.model_id}")
