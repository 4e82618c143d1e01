"""How far the queue is, small, in the sidebar; and why it brings nothing more."""

import streamlit as st

from app.components.parts import plain
from app.context import context
from app.guard import guard
from app.i18n import t
from app.views.label_desk import LabelDesk
from core.active.handing_out import asking_now
from core.active.leases import my_leases
from core.active.options import QueueOptions, ScoredModel
from core.active.progress import Remaining, people, remaining

REFRESH_S = 15
MOST_PEOPLE = 6


@st.fragment(run_every=REFRESH_S)  # type: ignore[untyped-decorator]
def render_progress(annotator: str, options: QueueOptions, models: tuple[ScoredModel, ...]) -> None:
    """Done, left and leased of the queue, and who did how much of it."""
    with guard():
        left = remaining(context().warehouse, options, annotator=annotator, models=models)
        st.caption(t("label.progress_left", left=f"{left.left:,}", mine=left.on_screen))
        rows = people(context().warehouse, options)
        lines = [
            t("label.progress_person", name=plain(str(row.annotator)), done=f"{row.done:,}", leased=f"{row.leased:,}")
            for row in rows.head(MOST_PEOPLE).itertuples()
        ]
        if lines:
            st.caption("  \n".join(lines))


def ending(desk: LabelDesk) -> tuple[str, str]:
    """What the labeler says when its queue has no more sessions: that, and why."""
    left = remaining(context().warehouse, desk.options, annotator=desk.annotator, models=desk.models)
    in_tab = _in_other_tabs(desk)
    title = "label.end_held" if left.others else "label.end_elsewhere" if in_tab else "label.end_done"
    return t(title), " ".join(_reasons(desk, left, in_tab))


def _in_other_tabs(desk: LabelDesk) -> int:
    """How many sessions of this queue wait for a label in the annotator's other tabs."""
    asking = asking_now(context().warehouse, desk.options, desk.annotator, desk.loaded)
    return len({*my_leases(context().warehouse, desk.options, asking)} & {*desk.elsewhere()})


def _reasons(desk: LabelDesk, left: Remaining, in_tab: int) -> list[str]:
    reasons = [
        t("label.end_holder", name=one.annotator, n=one.leased, time=f"{one.until:%H:%M}") for one in left.others
    ]
    if left.others:
        reasons.append(t("label.end_comes_back"))
    if in_tab:
        reasons.append(t("label.end_tab", n=in_tab))
    if not reasons:
        nothing_fits = left.left == 0 and not desk.loaded and desk.options.queue in {"filter", "sql"}
        reasons.append(t("label.end_nothing_fits") if nothing_fits else t("label.end_all", n=desk.options.overlap))
    if left.skipped:
        reasons.append(t("label.end_skipped", n=left.skipped))
    return reasons
