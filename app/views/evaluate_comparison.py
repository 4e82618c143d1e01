"""Two models side by side, on the labels that both held out."""

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from app.charts.evaluation import forest_figure, seen_figure
from app.components.parts import download_table, empty_state, shown_table
from app.i18n import t
from app.views.evaluate_cases import render_cases, with_names
from app.views.evaluate_data import comparison_of, intent_names, report_of
from app.views.evaluate_headline import CHART, signed, verdict
from app.views.evaluate_quality import labelled_points
from core.registry.models import ModelRecord

if TYPE_CHECKING:
    from core.evaluation.comparison import Comparison

_BETTER_WHEN_LESS = ("ece", "brier", "flips")


def render_comparison(first: ModelRecord, second: ModelRecord) -> None:
    """The difference with its paired interval, figures side by side, and where only one of them is right."""
    with st.container(border=True):
        st.subheader(t("evaluate.beside", first=first.model_id, second=second.model_id), anchor=False)
        if report_of(second) is None:
            empty_state(t("evaluate.no_records", model=second.model_id), t("evaluate.no_records_body"), "train")
            return
        found = comparison_of(first, second)
        if found is None:
            st.info(t("evaluate.nothing_common"), icon=":material/join_inner:")
            return
        _difference(found, first, second)
        left, right = st.columns(2)
        with left:
            _forest(found, first, second)
        with right:
            _figures(found, first, second)
        _seen_and_intents(found, first, second)
        _disagreements(found, first, second)


def _difference(found: "Comparison", first: ModelRecord, second: ModelRecord) -> None:
    lead = found.difference
    words = t(
        f"evaluate.difference_{verdict(lead, found.visitors)}",
        first=first.model_id,
        second=second.model_id,
        lead=f"{abs(lead.value):.2f}",
        low=signed(lead.low),
        high=signed(lead.high),
    )
    st.markdown(f"**{words}** {t('evaluate.common', n=found.n, visitors=found.visitors)}")
    if found.relabelled:
        st.caption(t("evaluate.relabelled", n=found.relabelled))


def _forest(found: "Comparison", first: ModelRecord, second: ModelRecord) -> None:
    names = {"first": first.model_id, "second": second.model_id} | {
        name: t(f"train.baseline_{name}") for name in ("trees", "kgram", "base_rate")
    }
    rows = [(names[name], *vars(score).values(), name in ("first", "second")) for name, score in found.scores.items()]
    frame = pd.DataFrame(rows, columns=["name", "value", "low", "high", "n", "is_model"])
    st.plotly_chart(forest_figure(frame, t("evaluate.macro_f1")), config=CHART, key="compare_forest")
    st.caption(t("evaluate.beside_words"))


def _figures(found: "Comparison", first: ModelRecord, second: ModelRecord) -> None:
    frame = found.figures.assign(
        figure=[t(f"evaluate.figure_{name}") for name in found.figures["figure"]],
        better=[
            _better(name, one, other, (first.model_id, second.model_id))
            for name, one, other in found.figures.itertuples(index=False, name=None)
        ],
    )
    config = _two_columns(first, second) | {
        "figure": t("evaluate.figure"),
        "better": t("evaluate.better"),
    }
    shown_table(frame, column_config=config, key="compare_figures")
    download_table(frame, "comparison")


def _better(name: str, one: float | None, other: float | None, models: tuple[str, str]) -> str:
    if one is None or other is None or round(one, 3) == round(other, 3):
        return "="
    return models[(one < other) != (name in _BETTER_WHEN_LESS)]


def _seen_and_intents(found: "Comparison", first: ModelRecord, second: ModelRecord) -> None:
    left, right = st.columns(2)
    with left:
        st.caption(t("evaluate.seen"))
        names = {"first": first.model_id, "second": second.model_id}
        figure = seen_figure(
            labelled_points(found.seen, "events"), names, t("evaluate.seen_axis_events"), t("evaluate.macro_f1")
        )
        st.plotly_chart(figure, config=CHART, key="compare_seen")
    with right:
        st.caption(t("evaluate.f1_by_intent"))
        frame = found.per_intent.assign(intent=found.per_intent["intent"].map(intent_names()))
        config = _two_columns(first, second) | {
            "intent": t("evaluate.column_intent"),
            "support": t("evaluate.column_support"),
        }
        shown_table(frame, column_config=config, key="compare_intents")


def _disagreements(found: "Comparison", first: ModelRecord, second: ModelRecord) -> None:
    right = found.disagreements
    only_first = right[right["first"] == right["answer"]]
    title = t(
        "evaluate.only_one_right",
        first=first.model_id,
        one=len(only_first),
        second=second.model_id,
        other=len(right) - len(only_first),
    )
    with st.expander(title, icon=":material/call_split:"):
        if right.empty:
            st.caption(t("evaluate.no_disagreement"))
            return
        render_cases(right, "evaluate.case_two", model_id=first.model_id)
        download_table(with_names(right), "only-one-right")


def _two_columns(first: ModelRecord, second: ModelRecord) -> dict[str, Any]:
    return {
        "first": st.column_config.NumberColumn(first.model_id, format="%.3f"),
        "second": st.column_config.NumberColumn(second.model_id, format="%.3f"),
    }
