"""The first answer: macro-F1 with its interval beside the baselines, then intent by intent, and how it was measured."""

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from app.charts.evaluation import forest_figure
from app.components.parts import download_table, percent, shown_table, stat_tiles, with_shown_shares
from app.i18n import t
from app.views.evaluate_data import NAMES, intent_names, shown_names
from core.registry.models import ModelRecord

if TYPE_CHECKING:
    from core.evaluation.report import EvaluationReport
    from core.evaluation.scores import Score

CHART = {"displayModeBar": False}
LEAST_VISITORS = 10
"""Drawing fewer visitors anew says too little of how others would differ, whatever the interval."""
_LOOK = {
    "ahead": (st.success, "trending_up"),
    "unsure": (st.info, "balance"),
    "few": (st.info, "group"),
    "behind": (st.warning, "trending_down"),
}
_FORMATS = {"support": "%d", "base_rate": "percent"}
_NARROW = 68
_PER_INTENT = ("intent", "support", "base_rate", "f1", "trees_f1", "precision", "recall", "pr_auc")


def verdict(lead: "Score", visitors: int) -> str:
    """Whether the interval of a lead lies above zero, below, or on both sides; `few` when nothing can be said."""
    if visitors < LEAST_VISITORS:
        return "few"
    if lead.low > 0:
        return "ahead"
    return "behind" if lead.high < 0 else "unsure"


def render_headline(model: ModelRecord, report: "EvaluationReport") -> None:
    """Verdict, tiles, the forest chart and the table of intents."""
    own, lead = report.scores["model"], report.lead
    baseline = t(f"train.baseline_{report.best_baseline}")
    visitors = len(set(report.labelled.visitors()))
    kind = verdict(lead, visitors)
    show, icon = _LOOK[kind]
    filled = {"baseline": baseline, "lead": signed(lead.value), "n": lead.n, "visitors": visitors}
    show(t(f"evaluate.verdict_{kind}", **filled), icon=f":material/{icon}:")
    _tiles(report)
    left, right = st.columns([2, 3])
    with left, st.container(border=True, height="stretch"):
        st.subheader(t("evaluate.headline"), anchor=False)
        st.plotly_chart(forest_figure(_scores(report), t("evaluate.macro_f1")), config=CHART, key="evaluate_forest")
        st.caption(t("evaluate.headline_words", n=own.n))
        download_table(_scores(report), f"macro-f1-{model.model_id}")
    with right, st.container(border=True, height="stretch"):
        _per_intent(model, report)


def render_method(model: ModelRecord, report: "EvaluationReport") -> None:
    """How the figures came about, and what they cannot say."""
    with st.expander(t("evaluate.method"), icon=":material/science:"):
        frame = report.records.frame
        st.markdown(
            t(
                "evaluate.method_words",
                visitors=frame["visitor_id"].nunique(),
                sessions=frame["session_id"].nunique(),
                n=len(report.labelled),
                labels=model.card.get("labels", "?"),
            )
        )


def _tiles(report: "EvaluationReport") -> None:
    own, lead, n = report.scores["model"], report.lead, len(report.labelled)
    flips = report.flips.set_index("name")["flips"]
    metrics = report.metrics
    stat_tiles(
        [
            (
                t("evaluate.macro_f1"),
                f"{own.value:.2f}",
                t("evaluate.interval", low=two(own.low), high=two(own.high)),
            ),
            (
                t("evaluate.lead", baseline=t(f"train.baseline_{report.best_baseline}")),
                signed(lead.value),
                t("evaluate.interval", low=signed(lead.low), high=signed(lead.high)),
            ),
            (
                t("evaluate.ece"),
                percent(metrics["model"]["ece"]),
                t("evaluate.ece_of", trees=percent(metrics["trees"]["ece"]), n=n),
            ),
            (
                t("evaluate.flips"),
                f"{flips['model']:.1f}",
                t("evaluate.flips_of", trees=f"{flips['trees']:.1f}", n=report.flips["n"].iloc[0]),
            ),
        ]
    )


def _scores(report: "EvaluationReport") -> pd.DataFrame:
    names = shown_names()
    rows = [(names[name], *vars(report.scores[name]).values(), name == "model") for name in NAMES]
    return pd.DataFrame(rows, columns=["name", "value", "low", "high", "n", "is_model"])


def _per_intent(model: ModelRecord, report: "EvaluationReport") -> None:
    st.subheader(t("evaluate.per_intent"), anchor=False)
    names = intent_names(report.records.intents)
    frame = report.per_intent.assign(intent=report.per_intent["intent"].map(names))[list(_PER_INTENT)]
    words = {name: t(f"evaluate.column_{name}") for name in _PER_INTENT}
    config: dict[str, Any] = {"intent": words["intent"]}
    for name in _PER_INTENT[1:]:
        config[name] = st.column_config.NumberColumn(
            words[name], format=_FORMATS.get(name, "%.2f"), help=t(f"evaluate.{name}_help"), width=_NARROW
        )
    shown_table(with_shown_shares(frame, ["base_rate"]), column_config=config)
    st.caption(t("evaluate.per_intent_words"))
    download_table(frame, f"intents-{model.model_id}")


def two(value: float) -> str:
    """A figure between 0 and 1."""
    return f"{value:.2f}"


def signed(value: float, digits: int = 2) -> str:
    """A difference with its sign."""
    return f"{value:+.{digits}f}".replace("-", "−")
