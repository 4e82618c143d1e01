"""What each field of an event was, in words: the text of the heatmap's cells."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from app.i18n import t
from app.units import human_gap
from app.views.explain_details import cell_details
from app.views.visitor_records import event_records

Readings = Sequence[Mapping[str, float]]


def heatmap_rows(
    events: pd.DataFrame, fields: tuple[str, ...], type_names: dict[str, str], readings: Readings | None = None
) -> list[dict[str, Any]]:
    """One row an event, in order: what happened, the value of every field in words, and all its columns.

    Args:
        readings: what the model's numbers are, an event each; without them what these events alone tell.
    """
    return record_rows(event_records(events), fields, type_names, readings)


def record_rows(
    records: list[dict[str, Any]],
    fields: tuple[str, ...],
    type_names: dict[str, str],
    readings: Readings | None = None,
) -> list[dict[str, Any]]:
    """The same of events that are records already."""
    told = _tell_history(records) if readings is None else [_told_by(one) for one in readings]
    return [
        {
            **{name: record[name] for name in ("event_id", "session_id", "t", "type")},
            "subject": record["query"] or record["title"] or record["text"] or record["item_id"] or "",
            "cells": [_cell(field, record, history, type_names) for field in fields],
            "details": [] if readings is None else [cell_details(field, record, readings[at]) for field in fields],
        }
        for at, (record, history) in enumerate(zip(records, told, strict=True))
    ]


def _told_by(reading: Mapping[str, float]) -> dict[str, Any]:
    """The same as `_tell_history`, with what came before the events shown counted in."""
    gap, repeat = reading["gap"], reading["item_repeat"]
    return {
        "gap": "" if gap != gap else human_gap(round(gap * 1000)),
        "count": f"{reading['session_events']:.0f}",
        "repeat": "" if repeat != repeat else f"{repeat:.0f}",
        "session_start": t("explain.yes") if reading["session_starts"] else t("explain.no"),
    }


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
