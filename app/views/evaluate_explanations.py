"""What speaks for a model's intents, and whether its explanations may be believed: a study's figures, and its start."""

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from app.address import kept_choice, kept_number
from app.charts.explanations import boxes_figure
from app.components.parts import download_table, percent, shown_table
from app.components.resting import rerun_at_rest
from app.context import context
from app.i18n import t
from app.views.evaluate_data import intent_names
from app.views.evaluate_dependence import render_dependence
from app.views.evaluate_headline import CHART, signed
from app.views.evaluate_speaking import render_speaking
from app.views.explain_method import method_name
from core.errors import JobFailedError
from core.jobs.progress import RunStatus
from core.registry.explanations import EXPLANATIONS_FILE, has_explanations
from core.registry.models import ModelRecord

if TYPE_CHECKING:
    from core.explain.study.report import ExplanationReport

GOOD_SHARE = 0.8
"""Of heatmaps to be trusted, from which a model's explanations are said to hold."""
BAD_SHARE = 0.2
SESSIONS, LEAST_SESSIONS, MOST_SESSIONS = 150, 10, 5_000
"""Of a study: usually, at least, and as many as its job takes; a test holds it to the job."""
_LOOK = {
    "good": (st.success, "verified"),
    "mixed": (st.warning, "info"),
    "bad": (st.error, "warning"),
    "few": (st.info, "group"),
}
_SANITY_LOOK = {"changes": "good", "partly": "mixed", "unchanged": "bad", "few": "few"}
_POINTING_LOOK = {"ahead": "good", "unsure": "few", "behind": "mixed", "few": "few"}


def render_explanations(model: ModelRecord, models: dict[str, ModelRecord]) -> None:
    """Draw the section.

    Args:
        models: all fine-tuned ones, whose plausibility stands beside this one's.
    """
    report = study_of(model)
    if report is not None:
        with st.container(border=True):
            st.subheader(t("evaluate_study.title"), anchor=False)
            _render_trust(report)
            render_speaking(report)
            render_dependence(report)
    with st.container(border=True):
        st.subheader(t("evaluate.explanations" if report else "evaluate_study.none"), anchor=False)
        running = _running(model)
        if running is not None:
            _follow(running.run_id)
        if report is None:
            if running is None:
                st.caption(t("evaluate.explanations_none"))
                _start(model, t("evaluate.explanations_start"), SESSIONS)
            return
        _render_faithfulness(report)
        left, right = st.columns(2)
        with left:
            _render_measures(report)
        with right:
            _render_likeness(report)
        _render_plausibility(report, models)
        if running is None:
            _start(model, t("evaluate.explanations_again"), len(report.predictions))


def _start(model: ModelRecord, label: str, sessions: int) -> None:
    """Offer to study the model, over as many sessions as the last time unless told."""
    usual = min(max(sessions, LEAST_SESSIONS), MOST_SESSIONS)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = kept_number(
            "study", t("evaluate_study.sessions"), usual, LEAST_SESSIONS, MOST_SESSIONS, step=50, width=160
        )
        if st.button(label, icon=":material/play_arrow:", key="start_explanations"):
            context().jobs.start("explain", {"sessions": wanted}, base_model=model.folder)
            st.rerun()
    st.caption(t("evaluate_study.sessions_help"))


def _running(model: ModelRecord) -> RunStatus | None:
    """The run that measures this model now, if there is one."""
    for run in context().jobs.runs():
        if run.kind == "explain" and not context().jobs.is_settled(run) and _is_of(run, model):
            return run
    return None


def _is_of(run: RunStatus, model: ModelRecord) -> bool:
    try:
        return context().jobs.spec(run.run_id).base_model == model.folder
    except JobFailedError:
        return False


@st.fragment(run_every=1.0)  # type: ignore[untyped-decorator]
def _follow(run_id: str) -> None:
    run = context().jobs.status(run_id)
    words = t(f"evaluate.explanations_phase_{run.phase or 'starting'}", step=run.step, total=run.total)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(run.progress, text=words)
        if st.button(t("train.stop"), icon=":material/stop:", key="stop_explanations"):
            context().jobs.stop(run_id)
    if context().jobs.is_settled(run):
        rerun_at_rest("explanations")


def share_look(counts: dict[str, int]) -> str:
    """How a model's heatmaps fare together: `good`, `mixed` or `bad`."""
    total = sum(counts.values())
    if counts.get("unreliable", 0) > BAD_SHARE * total:
        return "bad"
    return "good" if counts.get("trust", 0) >= GOOD_SHARE * total else "mixed"


def _render_trust(report: "ExplanationReport") -> None:
    """What the section rests on, aloud where that is not to be trusted."""
    counts, total = report.reliabilities, len(report.predictions)
    look = share_look(counts)
    words = t(
        f"evaluate_study.rests_on{'_bad' if look == 'bad' else ''}",
        n=f"{total:,}",
        method=method_name(report.method),
        trust=percent(counts.get("trust", 0) / total),
        unreliable=percent(counts.get("unreliable", 0) / total),
    )
    if look == "bad":
        st.warning(words, icon=":material/warning:")
    else:
        st.caption(words)


def _render_faithfulness(report: "ExplanationReport") -> None:
    counts, total = report.reliabilities, len(report.predictions)
    words = t(
        "evaluate.explanations_trust",
        trust=percent(counts.get("trust", 0) / total),
        careful=percent(counts.get("careful", 0) / total),
        unreliable=percent(counts.get("unreliable", 0) / total),
        n=total,
        method=method_name(report.method),
    )
    origin = t(f"evaluate.explanations_{'unlabelled' if report.unlabelled else 'any'}")
    _say(share_look(counts), f"{words} {origin}")
    sanity, largest = report.sanity
    _say(_SANITY_LOOK[sanity], t(f"evaluate.sanity_{sanity}", rho=signed(largest), n=total))
    first = report.plausibility().iloc[0]
    _say(
        _POINTING_LOOK[report.pointing],
        t(
            f"evaluate.pointing_{report.pointing}",
            value=f"{first['value']:.2f}",
            chance=f"{first['chance']:.2f}",
            n=int(first["n"]),
            visitors=int(first["visitors"]),
        ),
    )


def _say(look: str, words: str) -> None:
    show, icon = _LOOK[look]
    show(words, icon=f":material/{icon}:")


def _render_measures(report: "ExplanationReport") -> None:
    from core.explain.study.report import MEASURES

    measure = kept_choice("measure", t("evaluate.explanations_measure"), MEASURES, lambda name: t(f"explain.{name}"))
    found = report.distribution(measure)
    names = intent_names(found["intent"].tolist())
    labels = [f"{names[intent]} (n = {n})" for intent, n in zip(found["intent"], found["n"], strict=True)]
    shown = {t("evaluate.this_model"): found}
    if measure == "comprehensiveness":
        shown[t("explain.chance")] = (
            report.distribution("chance").set_index("intent").loc[found["intent"]].reset_index()
        )
    st.plotly_chart(boxes_figure(shown, labels, t(f"explain.{measure}")), config=CHART, key=f"explanations_{measure}")
    st.caption(f"{t(f'explain.{measure}_help')} {t('evaluate.explanations_boxes')}")
    download_table(report.predictions, f"explanations-{report.model_id}")


def _render_likeness(report: "ExplanationReport") -> None:
    st.markdown(f"**{t('evaluate.sanity')}**")
    found = report.likeness()
    stages = found["stage"].drop_duplicates().tolist()
    parts = {t(f"evaluate.likeness_{what}"): rows for what, rows in found.groupby("what", sort=True)}
    labels = [t(f"evaluate.stage_{stage}") for stage in stages]
    st.plotly_chart(boxes_figure(parts, labels, t("evaluate.likeness")), config=CHART, key="explanations_likeness")
    st.caption(t("evaluate.sanity_words"))
    download_table(found, f"shuffled-weights-{report.model_id}")


def _render_plausibility(report: "ExplanationReport", models: dict[str, ModelRecord]) -> None:
    st.markdown(f"**{t('evaluate.plausibility')}**")
    reports = [report] + [
        _report(other.model_id, _changed_at(other), other)
        for other in models.values()
        if other.model_id != report.model_id and has_explanations(other.folder)
    ]
    frame = plausibility_frame(reports)
    if not len(report.rationales):
        st.caption(t("evaluate.plausibility_none"))
    if len(frame):
        config: dict[str, Any] = {name: t(f"evaluate.plausibility_{name}") for name in frame.columns}
        for name in frame.columns[3:]:
            if "interval" not in name:
                config[name] = st.column_config.NumberColumn(config[name], format="%.2f")
        shown_table(frame, column_config=config)
        download_table(frame, "plausibility")
    st.caption(t("evaluate.plausibility_words"))


def plausibility_frame(reports: list["ExplanationReport"]) -> pd.DataFrame:
    """A row a model that was compared with marked events: each figure, its interval, and a random order's."""
    rows = []
    for report in reports:
        found = report.plausibility().set_index("measure")
        n, visitors = (int(found[name].iloc[0]) for name in ("n", "visitors"))
        row: dict[str, Any] = {"model": report.model_id, "n": n, "visitors": visitors}
        for measure, figure in found.iterrows():
            row[f"{measure}"] = figure["value"]
            row[f"{measure}_interval"] = f"{figure['low']:.2f} – {figure['high']:.2f}"
            row[f"{measure}_chance"] = figure["chance"]
        rows += [row] if n else []
    return pd.DataFrame(rows)


def _changed_at(model: ModelRecord) -> int:
    return (model.folder / EXPLANATIONS_FILE).stat().st_mtime_ns


def study_of(model: ModelRecord) -> "ExplanationReport | None":
    """What was measured of a model's explanations, or None."""
    report: ExplanationReport | None = None
    if has_explanations(model.folder):
        report = _report(model.model_id, _changed_at(model), model)
    return report


@st.cache_resource(max_entries=16, show_spinner=False)  # type: ignore[untyped-decorator]
def _report(model_id: str, changed_at: int, _model: ModelRecord) -> "ExplanationReport":
    from core.explain.study.report import read_report

    report = read_report(_model.folder)
    if report is None:
        raise ValueError(f"the model '{model_id}' has no rows of explanations, expected at least one.")
    return report
