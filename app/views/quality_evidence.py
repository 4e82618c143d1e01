"""What an adjudicator looks at: the session's events in short, and each annotator's vote."""

from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from app.components.parts import plain, shown_table
from app.components.shared.payload import event_type_names
from app.context import context
from app.i18n import t
from app.theme import NEUTRAL
from app.views.label_card import fold, with_gaps
from app.views.quality_data import seconds
from app.views.visitor_records import event_records
from core.events.rows import plain_rows
from core.intents.adjudication import Target
from core.store.event_queries import session_events

_SWATCH = (
    '<span style="display:inline-block;width:.8em;height:.8em;border-radius:3px;margin-right:.45em;'
    'background:light-dark({light},{dark})"></span>'
)


def render_events(target: Target) -> None:
    """The session's events, repeats folded; the disputed event is marked."""
    events = session_events(context().warehouse, target.session_id)
    if events.empty:
        st.info(t("quality.events_gone"))
        return
    rows = fold(with_gaps(event_records(events)))
    types = event_type_names()
    frame = pd.DataFrame(
        {
            "marked": ["▶" if any(one["event_id"] == target.event_id for one in group) else "" for group in rows],
            "gap": [_gap(group[0]["gap_ms"]) for group in rows],
            "what": [_times(types.get(str(group[0]["type"]), str(group[0]["type"])), len(group)) for group in rows],
            "about": [_about(group[0]) for group in rows],
            "price": [group[0]["price"] for group in rows],
        }
    )
    config: dict[str, Any] = {}
    config["marked"] = st.column_config.TextColumn("", width=24)
    config["gap"] = st.column_config.TextColumn(t("quality.event_gap"), width=64)
    config["what"] = st.column_config.TextColumn(t("quality.event_what"), width=140)
    config["about"] = st.column_config.TextColumn(t("quality.event_about"), width=280)
    config["price"] = st.column_config.NumberColumn(t("quality.event_price"), format="%.2f", width=70)
    hidden = [*(["marked"] if target.event_id is None else []), *(["price"] if frame["price"].isna().all() else [])]
    shown_table(frame.drop(columns=hidden), column_config=config)
    first = events.iloc[0]
    told = [plain(str(first[name])) for name in ("device", "channel", "country") if isinstance(first[name], str)]
    st.caption(" · ".join([f"{first['occurred_at']:%Y-%m-%d %H:%M} UTC", t("quality.events_n", n=len(events)), *told]))


def render_votes(votes: pd.DataFrame, records: list[dict[str, Any]]) -> None:
    """Each annotator's word with its time and note."""
    known = {record["id"]: record for record in records}
    for row in plain_rows(votes):
        unknown = {"name": row["intent"], "color": NEUTRAL, "color_dark": NEUTRAL}
        record = known.get(row["intent"], unknown)
        swatch = _SWATCH.format(light=escape(record["color"]), dark=escape(record["color_dark"]))
        st.html(f"<div>{swatch}<b>{escape(record['name'])}</b> · {escape(row['annotator'])}</div>")
        unsure = t("quality.unsure") if row["status"] in {"unsure", "disputed"} else ""
        told = [f"{row['created_at']:%Y-%m-%d %H:%M} UTC", seconds(row["lead_time_ms"]), unsure]
        st.caption(" · ".join(part for part in told if part))
        if row["note"]:
            st.text(row["note"])


def _gap(milliseconds: int) -> str:
    """The time since the event before: 8 s, 3 min, 2 h."""
    whole = milliseconds // 1000
    if whole < 60:
        return t("quality.gap_seconds", n=whole) if whole else ""
    return t("quality.gap_minutes", n=whole // 60) if whole < 3600 else t("quality.gap_hours", n=whole // 3600)


def _times(name: str, count: int) -> str:
    return f"{name} ×{count}" if count > 1 else name


def _about(record: dict[str, Any]) -> str:
    """The query or text, else the item with its category."""
    said = record["query"] or record["text"]
    if said:
        return f"“{said}”"
    item = record["title"] or record["item_id"] or record["category"]
    category = record["category"] if record["title"] or record["item_id"] else None
    return " · ".join(str(part) for part in (item, record["brand"], category) if part)
