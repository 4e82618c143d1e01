"""Whether the model may be believed, how early it is right, how steady it is, and whom it serves worse."""

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from app.charts.evaluation import calibration_figure, flips_figure, seen_figure, slices_figure
from app.components.parts import download_table, percent
from app.i18n import t
from app.views.evaluate_data import shown_names, slices_of
from app.views.evaluate_headline import CHART
from core.registry.models import ModelRecord

if TYPE_CHECKING:
    from core.evaluation.report import EvaluationReport

SEEN_VIEWS = ("events", "share")
_SLICE_NAMES = {"visitor": ("new", "returning"), "language": ("zh", "latin", "none")}
LEAST_SLICE = 20
LEAST_SESSIONS = 5


def render_calibration(model: ModelRecord, report: "EvaluationReport") -> None:
    """Said against found."""
    metrics = report.metrics
    with st.container(border=True, height="stretch"):
        st.subheader(t("evaluate.calibration"), anchor=False)
        words = [t(f"evaluate.calibration_{name}") for name in ("said", "found", "ideal", "count")]
        figure = calibration_figure(report.calibration, *words)
        st.plotly_chart(figure, config=CHART, key="evaluate_calibration")
        st.caption(
            t(
                "evaluate.calibration_words",
                ece=percent(metrics["model"]["ece"]),
                brier=f"{metrics['model']['brier']:.2f}",
                base=f"{metrics['base_rate']['brier']:.2f}",
                n=len(report.labelled),
            )
        )
        download_table(report.calibration, f"calibration-{model.model_id}")


def render_seen(model: ModelRecord, report: "EvaluationReport") -> None:
    """Quality after so many events, or after a share of the session."""
    with st.container(border=True, height="stretch"):
        st.subheader(t("evaluate.seen"), anchor=False)
        if report.seen.empty:
            st.info(t("evaluate.seen_none"), icon=":material/sell:")
            return
        view = st.segmented_control(
            t("evaluate.seen"),
            SEEN_VIEWS,
            default="events",
            format_func=lambda name: t(f"evaluate.seen_by_{name}"),
            required=True,
            label_visibility="collapsed",
        )
        frame = report.seen if view == "events" else report.shares
        axis, value = t(f"evaluate.seen_axis_{view}"), t("evaluate.macro_f1")
        st.plotly_chart(
            seen_figure(labelled_points(frame, view), shown_names(), axis, value),
            config=CHART,
            key=f"evaluate_seen_{view}",
        )
        st.caption(t(f"evaluate.seen_words_{view}", least=LEAST_SESSIONS))
        download_table(frame, f"seen-{model.model_id}")


def labelled_points(scored: pd.DataFrame, view: str) -> pd.DataFrame:
    """The points of enough sessions, with their words on the axis and how many sessions each is of."""
    scored = scored[scored["n"] >= LEAST_SESSIONS]
    if view == "events":
        words = [t("evaluate.seen_all") if seen == "all" else seen for seen in scored["seen"]]
    else:
        words = [f"{seen}%" for seen in scored["seen"]]
    return scored.assign(label=[f"{word}<br>n = {n}" for word, n in zip(words, scored["n"], strict=True)])


def render_flips(model: ModelRecord, report: "EvaluationReport") -> None:
    """How often the answer changes within a session."""
    with st.container(border=True, height="stretch"):
        st.subheader(t("evaluate.steadiness"), anchor=False)
        names = {name: words for name, words in shown_names().items() if name != "base_rate"}
        axis, value = t("evaluate.flips_axis"), t("evaluate.flips_share")
        st.plotly_chart(flips_figure(report.flip_counts, names, axis, value), config=CHART, key="evaluate_flips")
        own = report.flips.set_index("name").to_dict("index")["model"]
        st.caption(
            t(
                "evaluate.flips_words",
                flips=f"{own['flips']:.1f}",
                steady=percent(own["steady"]),
                returning=percent(own["returning"]),
                n=int(own["n"]),
            )
        )
        download_table(report.flips, f"flips-{model.model_id}")


def render_slices(model: ModelRecord, report: "EvaluationReport") -> None:
    """Quality by device, channel, new or returning visitor, and language."""
    with st.container(border=True, height="stretch"):
        st.subheader(t("evaluate.slices"), anchor=False)
        frame = slices_of(report.labelled)
        words = zip(frame["slice"], frame["value"], frame["n"], strict=True)
        shown = frame.assign(label=[_slice_words(str(name), str(value), int(n)) for name, value, n in words])
        figure = slices_figure(
            shown,
            report.scores["model"].value,
            (t("evaluate.this_model"), t("train.baseline_trees")),
            t("evaluate.macro_f1"),
            t("evaluate.slices_whole"),
        )
        st.plotly_chart(figure, config=CHART, key="evaluate_slices")
        st.caption(t("evaluate.slices_words", least=LEAST_SLICE))
        download_table(frame, f"slices-{model.model_id}")


def _slice_words(name: str, value: str, n: int) -> str:
    known = value in (*_SLICE_NAMES.get(name, ()), "unknown", "others")
    words = t(f"evaluate.slice_value_{value}") if known else value
    return f"{t(f'evaluate.slice_{name}')}: {words} (n = {n})"
