"""What arrives, on the Collect page: the first event as it comes, events a minute by source, and the broker."""

from datetime import datetime, timedelta

import pandas as pd
import streamlit as st

from app.charts.arrivals import arrivals_figure
from app.components.parts import download_table, plain
from app.context import context
from app.i18n import t
from app.views.collect_state import made_key
from core.store.arrival_queries import arrivals_by_minute

SAY_EVERY_S = 2.0
DRAW_EVERY_S = 5.0


@st.fragment(run_every=SAY_EVERY_S)  # type: ignore[untyped-decorator]
def render_status() -> None:
    """Whether events come, by the clock: above all else, since it is what a newcomer waits for."""
    now = context().clock()
    made = made_key()
    _say(_last_hour(now), made.source if made else None, pd.Timestamp(now))
    _broker()


@st.fragment(run_every=DRAW_EVERY_S)  # type: ignore[untyped-decorator]
def render_arrivals() -> None:
    """Draw the section, by the clock."""
    st.subheader(t("collect.arriving"), anchor=False)
    now = context().clock()
    arrivals = _last_hour(now)
    if arrivals.empty:
        st.caption(t("collect.nothing_arrives"))
        return
    figure = arrivals_figure(arrivals, now, t("collect.unit"))
    st.plotly_chart(figure, config={"displayModeBar": False}, key="collect.arrivals")
    download_table(arrivals[["minute", "source", "events"]], "arrivals")


def _last_hour(now: datetime) -> pd.DataFrame:
    return arrivals_by_minute(context().warehouse, now - timedelta(hours=1))


def _say(arrivals: pd.DataFrame, source: str | None, now: pd.Timestamp) -> None:
    """Waiting, or green; of the key just made where there is one, else of all."""
    rows = arrivals if source is None else arrivals[arrivals["source"] == source]
    if rows.empty:
        waiting = t("collect.waiting") if source is None else t("collect.waiting_first", source=plain(source))
        st.info(waiting, icon=":material/hourglass_empty:")
        return
    told = {"n": f"{int(rows['events'].sum()):,}", "ago": _ago(now - rows["newest"].max())}
    words = t("collect.green_all", **told) if source is None else t("collect.green", source=plain(source), **told)
    st.success(words, icon=":material/check_circle:")


def _ago(age: pd.Timedelta) -> str:
    seconds = max(0, int(age.total_seconds()))
    return t("collect.seconds", n=seconds) if seconds < 120 else t("collect.minutes", n=seconds // 60)


def _broker() -> None:
    feed = context().broker
    if feed is None:
        return
    status = feed.status
    if status.connected:
        told = {
            "events": f"{status.events:,}",
            "refused": f"{status.refused:,}",
            "lag": "?" if status.lag is None else f"{status.lag:,}",
        }
        st.caption(f":material/hub: {t('collect.broker_on', address=plain(status.address), **told)}")
    else:
        error = plain(status.last_error or "")
        st.warning(t("collect.broker_off", address=plain(status.address), error=error), icon=":material/hub:")
