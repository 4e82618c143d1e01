"""The Overview page: totals, series over time, the intent mix, event types."""

from datetime import date, datetime, timedelta
from typing import cast, get_args

import pandas as pd
import streamlit as st

from app.address import kept_choice
from app.charts.overview import event_types_figure, intent_mix_figure, series_figure
from app.components.parts import download_table, empty_state, page_header, percent, stat_tiles
from app.components.shared.payload import event_type_names
from app.context import context
from app.i18n import t
from app.intent_names import intent_names
from app.views.live_replay import say_replayed
from app.views.unscored import render_unscored, scoring_run
from core.registry.models import champion
from core.store.overview_queries import (
    Bucket,
    Totals,
    event_type_counts,
    events_over_time,
    intent_mix_over_time,
    totals,
)

BUCKETS: tuple[Bucket, ...] = get_args(Bucket)
SERIES = ("events", "sessions", "visitors", "purchases")
_CHART = {"displayModeBar": False}


def render_overview() -> None:
    """Draw the page."""
    page_header("overview.title", "overview.help")
    whole = totals(context().warehouse)
    if whole.first_at is None or whole.last_at is None:
        empty_state(t("overview.none"), t("overview.none_body"), "imports")
        return
    say_replayed()
    render_unscored()
    start, end = _period(whole.first_at.date(), whole.last_at.date())
    bucket = _bucket(start, end)
    shown = totals(context().warehouse, start, end)
    _tiles(shown)
    left, right = st.columns(2)
    with left:
        _series(start, end, bucket)
    with right:
        _intent_mix(start, end, bucket)
    _event_types(start, end)


def _period(first: date, last: date) -> tuple[datetime, datetime]:
    """The days chosen, as [start, end) in naive UTC; kept in the address."""
    asked = (_day(st.query_params.get("from")) or first, _day(st.query_params.get("to")) or last)
    inside = tuple(min(max(day, first), last) for day in asked)
    key = "overview.period"
    if key not in st.session_state or st.session_state.get(f"{key}.seen") != (first, last, *inside):
        st.session_state[key] = inside
    chosen = st.date_input(
        t("overview.period"), min_value=first, max_value=last, help=t("overview.period_help"), width=320, key=key
    )
    days = chosen if isinstance(chosen, tuple) and len(chosen) == 2 else inside
    st.session_state[f"{key}.seen"] = (first, last, *days)
    if days != (first, last):
        st.query_params["from"], st.query_params["to"] = days[0].isoformat(), days[1].isoformat()
    else:
        for name in ("from", "to"):
            st.query_params.pop(name, None)
    start, end = (datetime(day.year, day.month, day.day) for day in days)
    return start, end + timedelta(days=1)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _bucket(start: datetime, end: datetime) -> Bucket:
    days = (end - start).days
    likely: Bucket = "hour" if days <= 3 else "day" if days <= 92 else "week"
    label = t("overview.bucket")
    chosen = kept_choice(
        "bucket", label, BUCKETS, lambda name: t(f"overview.bucket_{name}"), usual=likely, segmented=True
    )
    return cast("Bucket", chosen)


def _tiles(shown: Totals) -> None:
    each = shown.events / shown.sessions if shown.sessions else 0.0
    stat_tiles(
        [
            (t("overview.events"), f"{shown.events:,}", t("overview.events_each", n=f"{each:.1f}")),
            (t("overview.visitors"), f"{shown.visitors:,}", t("overview.items", n=f"{shown.items:,}")),
            (t("overview.sessions"), f"{shown.sessions:,}", t("overview.annotated", n=f"{shown.annotated_sessions:,}")),
            (t("overview.conversion"), percent(shown.conversion), t("overview.conversion_of")),
            (t("overview.cart_rate"), percent(shown.cart_rate), t("overview.cart_of")),
        ]
    )


def _series(start: datetime, end: datetime, bucket: Bucket) -> None:
    frame = events_over_time(context().warehouse, bucket, start, end)
    with st.container(border=True, height="stretch"):
        st.subheader(t("overview.over_time"), anchor=False)
        column = st.segmented_control(
            t("overview.over_time"),
            SERIES,
            default="events",
            format_func=lambda name: t(f"overview.{name}"),
            label_visibility="collapsed",
            required=True,
        )
        unit = t(f"overview.axis_{bucket}", what=t(f"overview.{column}"))
        st.plotly_chart(series_figure(frame, column, unit), config=_CHART)
        download_table(frame, "events-over-time")


def _intent_mix(start: datetime, end: datetime, bucket: Bucket) -> None:
    model = champion(context().warehouse)
    with st.container(border=True, height="stretch"):
        st.subheader(t("overview.mix"), anchor=False)
        if model is None:
            empty_state(t("overview.no_model"), t("overview.no_model_body"), "train")
            return
        mix = intent_mix_over_time(context().warehouse, model.model_id, bucket, start, end)
        if mix.empty:
            pending = scoring_run(model) is not None
            words = t("overview.mix_pending") if pending else t("overview.mix_none", model=model.model_id)
            st.info(words, icon=":material/hourglass_empty:")
            return
        n = int(mix.drop_duplicates("bucket")["sessions"].sum())
        st.caption(t("overview.mix_help", model=model.model_id, n=f"{n:,}"))
        st.plotly_chart(intent_mix_figure(mix, _intent_names(), t("overview.axis_share")), config=_CHART)
        download_table(mix, "intent-mix")


def _event_types(start: datetime, end: datetime) -> None:
    counts: pd.DataFrame = event_type_counts(context().warehouse, start, end)
    with st.container(border=True):
        st.subheader(t("overview.types"), anchor=False)
        st.caption(t("overview.types_help", n=f"{int(counts['events'].sum()):,}"))
        st.plotly_chart(event_types_figure(counts, event_type_names(), t("overview.events")), config=_CHART)
        download_table(counts, "event-types")


def _intent_names() -> dict[str, str]:
    return intent_names()
