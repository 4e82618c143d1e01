"""What each field of an event was, in words: the text of the heatmap's cells."""

from collections import Counter
from typing import Any

import pandas as pd

from app.i18n import t
from app.views.visitor_records import event_records

_SECOND_MS = 1000
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def heatmap_rows(events: pd.DataFrame, fields: tuple[str, ...], type_names: dict[str, str]) -> list[dict[str, Any]]:
    """One row an event, in order: what happened and the value of every field in words."""
    records = event_records(events)
    told = _tell_history(records)
    return [
        {
            **{name: record[name] for name in ("event_id", "session_id", "t", "type")},
            "subject": record["query"] or record["title"] or record["text"] or record["item_id"] or "",
            "cells": [_cell(field, record, history, type_names) for field in fields],
        }
        for record, history in zip(records, told, strict=True)
    ]


def human_gap(milliseconds: int) -> str:
    """8_000 → "8 s"; 7_500_000 → "2 h 5 min"."""
    seconds = round(milliseconds / _SECOND_MS)
    parts: list[str] = []
    for size, unit in _UNITS:
        count, seconds = divmod(seconds, size)
        if count and len(parts) < 2:
            parts.append(t(f"explain.unit.{unit}", n=count))
        elif parts:
            break
    return " ".join(parts) or t("explain.unit.second", n=0)


def _tell_history(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """For each event what came before it: the gap, its number in the session, earlier events on the same item."""
    told = []
    items: Counter[str] = Counter()
    session_id, number, before = None, 0, None
    for record in records:
        starts = record["session_id"] != session_id
        session_id, number = record["session_id"], 1 if starts else number + 1
        item_id = record["item_id"]
        told.append(
            {
                "gap": "" if before is None else human_gap(record["t"] - before),
                "count": str(number),
                "repeat": str(items[item_id]) if item_id else "",
                "session_start": t("explain.yes") if starts else t("explain.no"),
            }
        )
        if item_id:
            items[item_id] += 1
        before = record["t"]
    return told


def _cell(field: str, record: dict[str, Any], history: dict[str, Any], type_names: dict[str, str]) -> str:
    if field in history:
        return str(history[field])
    if field == "whole_event":
        return str(record["query"] or record["title"] or record["text"] or type_names.get(record["type"], ""))
    if field == "event_type":
        return type_names.get(record["type"], str(record["type"]))
    if field == "text":
        return " · ".join(part for part in (record["query"], record["text"], record["title"]) if part)
    if field == "image":
        return t("explain.picture") if record["image"] else ""
    if field == "price":
        return _price(record)
    if field == "time_of_day":
        moment = pd.Timestamp(record["t"], unit="ms")
        return f"{t(f'explain.weekday.{moment.day_of_week}')} {moment:%H:%M}"
    if field == "device":
        return " · ".join(part for part in (record["device"], record["channel"], record["country"]) if part)
    value = record.get(field)
    return "" if value is None else str(value)


def _price(record: dict[str, Any]) -> str:
    return "" if record["price"] is None else f"{record['price']:,.2f} {record['currency'] or ''}".strip()
