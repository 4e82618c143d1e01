"""Runs: the chosen or running one live, and all of them in a table."""

import pandas as pd
import streamlit as st

from app.charts.training import curve_figure
from app.components.parts import download_table, sentence, shown_table
from app.components.resting import rerun_at_rest
from app.context import context
from app.i18n import t
from core.jobs.progress import RunStatus

COLUMNS = ("run_id", "kind", "status", "started_at", "seconds")
_NOT_METRICS = {"step", "total", "phase", "at"}
_MOST_RUNS = 100


def render_runs() -> None:
    """Draw the runs."""
    st.subheader(t("train.runs"), anchor=False)
    runs = context().jobs.runs()
    if not runs:
        st.caption(t("train.no_runs"))
        return
    asked = st.query_params.get("run")
    shown = next((run for run in runs if run.run_id == asked), None) or next(
        (run for run in runs if not run.is_over), runs[0]
    )
    if context().jobs.is_settled(shown):
        _render_run(shown)
    else:
        _follow(shown.run_id)
    _table(runs)


@st.fragment(run_every=1.0)  # type: ignore[untyped-decorator]
def _follow(run_id: str) -> None:
    """A run that goes on, drawn anew every second; once its model is registered, the page is drawn once more."""
    run = context().jobs.status(run_id)
    _render_run(run)
    if context().jobs.is_settled(run):
        rerun_at_rest("run")


def _render_run(run: RunStatus) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{run.run_id}** · {t(f'train.status_{run.status}')}")
            _buttons(run)
        if run.error:
            st.error(sentence(run.error), icon=":material/error:")
        if run.status == "running":
            words = (
                t("train.phase", phase=run.phase, step=run.step, total=run.total) if run.phase else t("train.starting")
            )
            if run.eta_s is not None:
                words += " · " + t("train.eta", s=round(run.eta_s))
            st.progress(run.progress, text=words)
        _curve(run)
        if run.log_tail.strip():
            with st.expander(t("train.log"), icon=":material/article:"):
                st.code(run.log_tail[-3000:], language=None)


def _buttons(run: RunStatus) -> None:
    if not run.is_over and st.button(t("train.stop"), icon=":material/stop:", key=f"stop-{run.run_id}"):
        context().jobs.stop(run.run_id)
        st.rerun()
    if run.status in {"stopped", "failed"} and st.button(
        t("train.resume"), icon=":material/resume:", key=f"resume-{run.run_id}"
    ):
        context().jobs.resume(run.run_id)
        st.rerun()


def _curve(run: RunStatus) -> None:
    metrics = context().jobs.metrics(run.run_id)
    names = [name for name in metrics.columns if name not in _NOT_METRICS and metrics[name].count() > 1]
    if not names:
        return
    name = st.selectbox(t("train.curve"), names, key=f"curve-{run.run_id}", width=260)
    st.plotly_chart(curve_figure(metrics, name), config={"displayModeBar": False}, key=f"figure-{run.run_id}")


def _table(runs: list[RunStatus]) -> None:
    rows = [
        {
            "run_id": run.run_id,
            "kind": t(f"train.run_{run.kind}"),
            "status": t(f"train.status_{run.status}"),
            "started_at": run.started_at,
            "seconds": _seconds(run),
        }
        for run in runs[:_MOST_RUNS]
    ]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    chosen = shown_table(
        frame,
        column_config={name: t(f"train.column_{name}") for name in COLUMNS},
        on_select="rerun",
        selection_mode="single-row",
        key="run_table",
    )
    download_table(frame, "runs")
    if chosen.selection.rows:
        run_id = str(frame["run_id"].iloc[chosen.selection.rows[0]])
        if st.query_params.get("run") != run_id:
            st.query_params["run"] = run_id
            st.rerun()


def _seconds(run: RunStatus) -> float | None:
    if run.started_at is None or run.finished_at is None:
        return None
    return round((run.finished_at - run.started_at).total_seconds(), 1)
