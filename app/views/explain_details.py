"""All that one cell of the heatmap aggregates: each column the model reads for that field, in its own unit."""

import math
from collections.abc import Mapping
from typing import Any

from app.i18n import t
from app.units import human_gap

Details = list[tuple[str, str]]
"""(name of the column, its value in words); what is missing is left out."""

_COUNTS = ("session_events", "session_items", "session_searches", "session_carts", "quantity")
_SAME = ("same_item", "same_category", "same_query")


def cell_details(field: str, record: Mapping[str, Any], reading: Mapping[str, float]) -> Details:
    """The columns of a field.

    Args:
        record: the event as components want it.
        reading: what Featurizer.readings says of it.
    """
    if field == "price":
        return _price(record, reading)
    if field == "gap":
        gap = _known(reading, "gap")
        return [] if gap is None else [_named("gap", human_gap(round(gap * 1000)))]
    if field == "position":
        return _numbers(reading, ("position",))
    if field == "count":
        return _numbers(reading, _COUNTS)
    if field == "repeat":
        return _numbers(reading, ("item_repeat",)) + _same(reading)
    if field == "session_start":
        return _start(reading)
    parts = {"text": ("query", "text", "title"), "device": ("device", "channel", "country"), "event_type": ("name",)}
    return [_named(name, str(record[name])) for name in parts.get(field, ()) if record.get(name)]


def _price(record: Mapping[str, Any], reading: Mapping[str, float]) -> Details:
    price, relative = _known(reading, "price"), _known(reading, "relative_price")
    told = [] if price is None else [_named("price", f"{price:,.2f} {record['currency'] or ''}".strip())]
    return told if relative is None else [*told, _named("relative_price", t("explain_more.times", n=f"{relative:.2f}"))]


def _numbers(reading: Mapping[str, float], names: tuple[str, ...]) -> Details:
    known = ((name, _known(reading, name)) for name in names)
    return [_named(name, f"{value:g}") for name, value in known if value is not None]


def _same(reading: Mapping[str, float]) -> Details:
    return [_named(name, t("explain.yes")) for name in _SAME if reading[name]]


def _start(reading: Mapping[str, float]) -> Details:
    told = [_named("session_starts", t("explain.yes") if reading["session_starts"] else t("explain.no"))]
    told += [_named("visitor_starts", t("explain.yes"))] if reading["visitor_starts"] else []
    return told + _numbers(reading, ("visitor_sessions", "visitor_purchases"))


def _known(reading: Mapping[str, float], name: str) -> float | None:
    value = float(reading[name])
    return None if math.isnan(value) else round(value, 4)


def _named(name: str, value: str) -> tuple[str, str]:
    return t(f"explain_more.column_{name}"), value
