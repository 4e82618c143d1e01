"""Learning while labeling on the Label page: the switch, what happens now, the learning curve, and when to stop.

A fragment of its own, below the labeler: it takes no keys, and drawing it never runs the labeler.
"""

from dataclasses import replace

import streamlit as st

from app.components.parts import page_link, sentence
from app.components.shared.payload import intent_records
from app.context import context
from app.guard import guard
from app.i18n import t
from app.views.label_curve import render_curve
from app.views.train_promotion import gate_words
from core.active.learning_loop import MOST, Decision, LearningOptions
from core.active.stopping import STABLE_KAPPA, WINDOW
from core.intents.taxonomy import load_taxonomy
from core.learning.options import load_learning_options, save_learning_options
from core.learning.report import LearningReport, learning_report

REFRESH_S = 10
FOLLOW_S = 1.0
_SWITCH, _NUMBERS = "learning.enabled", ("first_per_intent", "every")


@st.fragment(run_every=REFRESH_S)  # type: ignore[untyped-decorator]
def render_learning(annotator: str) -> None:
    """Draw the panel."""
    with guard(), st.container(border=True, key="learning"):
        report = learning_report(context().warehouse, context().jobs)
        _head(report.situation.options, annotator)
        _now(report)
        left, right = st.columns([3, 2], gap="medium")
        with left:
            render_curve(report.curve)
        with right:
            _judgement(report)
            _stopping(report)


def _head(options: LearningOptions, annotator: str) -> None:
    """The switch and the two numbers; what another browser chose shows here too."""
    st.session_state[_SWITCH] = options.enabled
    for name in _NUMBERS:
        st.session_state[f"learning.{name}"] = getattr(options, name)

    def choose() -> None:
        chosen = {name: int(st.session_state[f"learning.{name}"]) for name in _NUMBERS}
        options = replace(load_learning_options(context().warehouse), enabled=bool(st.session_state[_SWITCH]), **chosen)
        save_learning_options(context().warehouse, options, changed_by=annotator)
        context().learning.notice()

    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.toggle(t("learning.enabled"), key=_SWITCH, on_change=choose, help=t("learning.enabled_help"))
        with st.popover(t("learning.options"), icon=":material/tune:"):
            for name in _NUMBERS:
                words, help_words = t(f"learning.{name}"), t(f"learning.{name}_help")
                st.number_input(words, 1, MOST, key=f"learning.{name}", on_change=choose, help=help_words)


def _now(report: LearningReport) -> None:
    """What the loop does or waits for."""
    run, decision = report.run, report.decision
    if run is not None and report.own_run:
        _follow(run.run_id)
    elif run is not None and report.situation.options.enabled:
        st.caption(t("learning.busy", kind=t(f"train.run_{run.kind}")))
    else:
        _wait(report, decision)
    if report.lacks_pretrained:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(t("learning.not_pretrained"))
            page_link("train")


def _wait(report: LearningReport, decision: Decision) -> None:
    situation = report.situation
    values = {
        "missing": f"{decision.missing:,}",
        "sessions": f"{situation.sessions:,}",
        "intents": len(situation.labels),
        "each": situation.options.first_per_intent,
        "error": sentence(report.failure or ""),
        "time": f"{decision.until:%H:%M}" if decision.until else "",
    }
    words = t(f"learning.{decision.reason}", **values)
    if decision.reason == "failed_recently":
        st.warning(words, icon=":material/error:")
    elif decision.reason in ("too_few_first", "too_few_new"):
        wanted = situation.options.every if situation.new is not None else situation.sessions + decision.missing
        st.progress(1 - min(1.0, decision.missing / wanted), text=words)
    else:
        st.caption(words)


@st.fragment(run_every=FOLLOW_S)  # type: ignore[untyped-decorator]
def _follow(run_id: str) -> None:
    """The loop's training or scoring, every second, and the button that stops it."""
    run = context().jobs.status(run_id)
    words = t("learning.training" if run.kind == "finetune" else "learning.scoring")
    if run.phase:
        words += " · " + t("train.phase", phase=run.phase, step=run.step, total=run.total)
    if run.eta_s is not None:
        words += " · " + t("train.eta", s=round(run.eta_s))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(run.progress, text=words, width="stretch")
        if not run.is_over and st.button(t("train.stop"), icon=":material/stop:", key=f"learning.stop.{run_id}"):
            context().jobs.stop(run_id)


def _judgement(report: LearningReport) -> None:
    """What became of the loop's newest model."""
    model, judgement = report.newest, report.judgement
    if model is None:
        return
    if model.status == "champion":
        st.markdown(t("learning.serves", model=model.model_id), help=gate_words(judgement) if judgement else None)
    elif report.not_judged:
        st.warning(t("learning.not_judged", model=model.model_id, error=report.not_judged), icon=":material/error:")
    elif judgement is not None and not judgement.is_allowed:
        st.warning(f"{t('learning.challenger', model=model.model_id)} {gate_words(judgement)}", icon=":material/block:")
        page_link("train", t("learning.compare"), model=model.model_id)


def _stopping(report: LearningReport) -> None:
    """Whether more labels still change the models' minds, with the numbers behind it on demand."""
    watched = report.watched
    if watched.signal is None or watched.signal.mean is None:
        key = "learning.stop_models" if watched.missing_models else "learning.stop_sessions"
        st.caption(t(key, missing=watched.missing_models, sessions=f"{watched.sessions:,}"))
        return
    values = {
        "models": WINDOW + 1,
        "kappa": f"{watched.signal.mean:.3f}",
        "bound": STABLE_KAPPA,
        "sessions": f"{watched.sessions:,}",
    }
    if watched.signal.stop:
        st.success(f"{t('learning.stop', **values)} {_advice(report)}", icon=":material/flag:")
    else:
        st.caption(t("learning.go_on", **values))
    with st.popover(t("learning.stop_numbers"), icon=":material/table_chart:"):
        st.caption(t("learning.stop_how"))
        for earlier, later, kappa in zip(watched.models[:-1], watched.models[1:], watched.signal.kappas, strict=True):
            st.markdown(f"κ = **{kappa:.3f}** · {earlier} → {later}")


def _advice(report: LearningReport) -> str:
    """The intent with the fewest labels is where the next ones help."""
    labels = report.situation.labels
    if not labels:
        return ""
    names = {record["id"]: record["name"] for record in intent_records(load_taxonomy(context().warehouse))}
    fewest = min(labels, key=lambda intent: labels[intent])
    return t("learning.advice", intent=names.get(fewest, fewest), n=labels[fewest])
