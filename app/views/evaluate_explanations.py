"""Whether a model's explanations may be believed: over many predictions, against shuffled weights, against people."""

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from app.address import kept_choice
from app.charts.explanations import boxes_figure, parts_figure
from app.components.parts import download_table, percent, shown_table
from app.components.resting import rerun_at_rest
from app.components.shared.payload import event_type_names
from app.context import context
from app.i18n import t
from app.views.evaluate_data import intent_names
from app.views.evaluate_dependence import render_dependence
from app.views.evaluate_headline import CHART, signed
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
MOST_BARS = 20
"""Of words or transitions in one chart; the download holds all."""
MOST_CHARACTERS = 28
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
    with st.container(border=True):
        st.subheader(t("evaluate.explanations"), anchor=False)
        running = _running(model)
        if running is not None:
            _follow(running.run_id)
        if not has_explanations(model.folder):
            if running is None:
                st.caption(t("evaluate.explanations_none"))
                _start(model, t("evaluate.explanations_start"))
            return
        report = _report(model.model_id, _changed_at(model), model)
        _render_faithfulness(report)
        left, right = st.columns(2)
        with left:
            _render_measures(report)
        with right:
            _render_likeness(report)
        _render_parts(report)
        render_dependence(report)
        _render_plausibility(report, models)
        if running is None:
            _start(model, t("evaluate.explanations_again"))


def _start(model: ModelRecord, label: str) -> None:
    if st.button(label, icon=":material/play_arrow:", key="start_explanations"):
        context().jobs.start("explain", {}, base_model=model.folder)
        st.rerun()


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


def _render_parts(report: "ExplanationReport") -> None:
    from core.explain.study.occurrences import OCCURRENCE_KINDS
    from core.explain.study.report import LEAST_VISITORS, PART_KINDS

    counts = report.predictions["intent"].value_counts()
    columns = [str(name) for name in report.predictions]
    kinds = [str(kind) for kind in PART_KINDS if any(name.startswith(f"{kind}:") for name in columns)]
    if len(report.occurrences):
        kinds += [str(kind) for kind in OCCURRENCE_KINDS]
    if not kinds:  # measured by an earlier version, or by attention
        return
    st.markdown(f"**{t('evaluate.parts')}**")
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    names = intent_names(counts.index.tolist())
    intent = kept_choice(
        "speaks",
        t("explain.intent"),
        counts.index.tolist(),
        lambda one: f"{names[one]} (n = {counts[one]})",
        place=left,
    )
    label, words = t("evaluate.parts_of"), {kind: t(f"evaluate.parts_{kind}") for kind in kinds}
    kind = kept_choice("parts", label, kinds, lambda one: words[one], segmented=True, place=right)
    if kind in OCCURRENCE_KINDS:
        found = report.speaking("word" if kind == "word" else "transition", intent)
    else:
        found = report.parts("field" if kind == "field" else "type", intent)
    if found.empty:
        st.caption(t("evaluate.parts_few", least=LEAST_VISITORS))
        return
    shown = found.assign(label=[short(part_name(kind, name)) for name in found["name"]])
    axis = t("evaluate.parts_axis", intent=names[intent])
    st.plotly_chart(parts_figure(shown.head(MOST_BARS), axis), config=CHART, key=f"explanations_parts_{kind}")
    told = t(f"evaluate.parts_words_{kind}" if kind in OCCURRENCE_KINDS else "evaluate.parts_words")
    st.caption(f"{t('evaluate.parts_pale')} {told}")
    download_table(found, f"speaks-for-{intent}-{report.model_id}")


def short(name: str) -> str:
    """Words that always occur together may be many."""
    return name if len(name) <= MOST_CHARACTERS else f"{name[: MOST_CHARACTERS - 1]}…"


def part_name(kind: str, name: str) -> str:
    """A field, event type, transition or word in the reader's language."""
    if kind == "field":
        return t(f"explain.field.{name}")
    if kind == "word":
        return name
    names = event_type_names()
    return " → ".join(names.get(one, one) for one in name.split(" → "))


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
