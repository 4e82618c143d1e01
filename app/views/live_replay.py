"""The replay on the Live page: what to play, how fast, start, stop, and how to be rid of it."""

from datetime import date, datetime, timedelta
from typing import Any

import streamlit as st

from app.components.parts import plain, sentence
from app.components.resting import rerun_at_rest
from app.context import context
from app.guard import guard
from app.i18n import t
from core.realtime.replay import AS_FAST_AS_POSSIBLE, ReplayStatus
from core.realtime.replay_source import ReplaySource
from core.store.import_queries import list_imports
from core.store.replay_queries import Replayed, replayed, stored_span

SPEEDS = (1.0, 10.0, 60.0, 600.0, AS_FAST_AS_POSSIBLE)
USUAL_SPEED = 600.0
"""The sample shop has an event a minute: slower, there is little to see."""
FOLLOW_S = 1.0
SAMPLE_FROM = datetime(2026, 8, 24, 8)
"""The sample shop's first morning; its first night is a dull sight."""


def render_replay() -> None:
    """Draw the panel."""
    with st.container(border=True, key="replay"):
        st.subheader(t("live.replay"), anchor=False)
        st.caption(t("live.replay_help"))
        if context().replays.status.state == "running":
            _follow()
        else:
            _begin()
        _said(context().replays.status)
        _left_over()


def _begin() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        source = _source()
        speed = st.selectbox(t("live.replay_speed"), SPEEDS, SPEEDS.index(USUAL_SPEED), format_func=_speed, width=200)
        pressed = st.button(
            t("live.replay_start"), icon=":material/play_arrow:", type="primary", disabled=source is None
        )
    if source is not None:
        st.caption(_lasts(source, speed))
    if pressed and source is not None:
        with guard():
            context().replays.start(source, speed)
            st.rerun()


def _source() -> ReplaySource | None:
    """What is chosen; None while the days chosen hold nothing."""
    imports = list_imports(context().warehouse)
    files = dict(zip(imports["import_id"], imports["file_name"], strict=True)) if len(imports) else {}
    choices = ["sample", "stored", *files]

    def say(choice: str) -> str:
        return plain(files[choice]) if choice in files else t(f"live.replay_{choice}")

    chosen = st.selectbox(t("live.replay_source"), choices, format_func=say, width=330)
    if chosen == "sample":
        return ReplaySource(start=SAMPLE_FROM)
    import_id = chosen if chosen in files else None
    span = stored_span(context().warehouse, import_id, None, None)
    if span.first_at is None or span.last_at is None:
        st.caption(t("live.replay_nothing"))
        return None
    start, end = _days(chosen, span.first_at.date(), span.last_at.date())
    return ReplaySource("stored" if import_id is None else "import", import_id, start, end)


def _days(chosen: str, first: date, last: date) -> tuple[datetime, datetime]:
    days = st.date_input(
        t("live.replay_days"), (first, last), min_value=first, max_value=last, width=260, key=f"replay.days.{chosen}"
    )
    begin, end = days if isinstance(days, tuple) and len(days) == 2 else (first, last)
    return datetime(begin.year, begin.month, begin.day), datetime(end.year, end.month, end.day) + timedelta(days=1)


def _speed(speed: float) -> str:
    if speed == AS_FAST_AS_POSSIBLE:
        return t("live.speed_fast")
    return t("live.speed_real") if speed == 1 else t("live.speed_times", n=f"{speed:,.0f}")


def _lasts(source: ReplaySource, speed: float) -> str:
    """How many events, and how long they take at this speed."""
    span = source.span(context().warehouse)
    if span.first_at is None or span.last_at is None:
        return t("live.replay_nothing")
    values: dict[str, Any] = {"events": f"{span.events:,}", "days": f"{(span.last_at - span.first_at).days + 1:,}"}
    if speed == AS_FAST_AS_POSSIBLE:
        return t("live.replay_counts", **values)
    minutes = (span.last_at - span.first_at).total_seconds() / speed / 60
    lasts = t("live.minutes", n=f"{minutes:,.0f}") if minutes < 120 else t("live.hours", n=f"{minutes / 60:,.0f}")
    rate = span.events / max(minutes, 1 / 60)
    return t("live.replay_lasts", lasts=lasts, rate=f"{rate:,.0f}", **values)


@st.fragment(run_every=FOLLOW_S)  # type: ignore[untyped-decorator]
def _follow() -> None:
    status = context().replays.status
    if status.state != "running":
        rerun_at_rest("replay")
        return
    values = {"sent": f"{status.sent:,}", "total": f"{status.total:,}", "speed": _speed(status.speed)}
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(min(status.progress, 1.0), text=t("live.replay_going", **values), width="stretch")
        if st.button(t("live.replay_stop"), icon=":material/stop:"):
            context().replays.stop()
            context().replays.wait(5)
            st.rerun()


def _said(status: ReplayStatus) -> None:
    """How the last one ended."""
    if status.state == "failed":
        st.error(t("live.replay_failed", error=sentence(status.error or "")), icon=":material/error:")
    elif status.state in {"finished", "stopped"}:
        st.caption(t(f"live.replay_{status.state}", sent=f"{status.sent:,}", total=f"{status.total:,}"))
    if status.refused:
        st.caption(t("live.replay_refused", n=f"{status.refused:,}"))


def _left_over() -> None:
    """What replays left in the shop's data, and the button that removes it."""
    left = replayed(context().warehouse)
    if not left.events or context().replays.status.state == "running":
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(t("live.replayed", events=f"{left.events:,}", visitors=f"{left.visitors:,}"))
        if st.button(t("live.replay_remove"), icon=":material/delete:"):
            _confirm(left)


def _confirm(left: Replayed) -> None:
    @st.dialog(t("live.replay_remove"))  # type: ignore[untyped-decorator]
    def ask() -> None:
        sessions, events = f"{left.sessions:,}", f"{left.events:,}"
        st.write(t("live.replay_remove_body", events=events, sessions=sessions))
        if left.labeled:
            st.warning(t("live.replay_remove_labeled", n=f"{left.labeled:,}"), icon=":material/warning:")
        if st.button(t("live.replay_remove_now"), type="primary"):
            with guard():
                context().replays.remove()
                st.rerun()

    ask()


def say_replayed() -> None:
    """On pages that count every event: that some of them are replayed ones."""
    left = replayed(context().warehouse)
    if left.events:
        words = t("live.replayed_counted", events=f"{left.events:,}", sessions=f"{left.sessions:,}")
        st.info(words, icon=":material/replay:")
