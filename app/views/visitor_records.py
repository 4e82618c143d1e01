"""Events as plain records for the components: JSON values only, times in epoch milliseconds."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import pandas as pd

from core.events.rows import plain_rows

_EPOCH, _MILLISECOND = datetime(1970, 1, 1), timedelta(milliseconds=1)
MEDIA_URL = "/v1/media/"
_PLAIN = (
    "event_id",
    "session_id",
    "item_id",
    "query",
    "text",
    "title",
    "category",
    "brand",
    "price",
    "currency",
    "quantity",
    "position",
    "order_id",
    "device",
    "channel",
    "country",
)
_WHOLE = ("position", "quantity")


def event_records(events: pd.DataFrame) -> list[dict[str, Any]]:
    """One record an event, in the order of `events` (event columns joined with their items')."""
    return records_of_rows(plain_rows(events))


def records_of_rows(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same of events that are rows already."""
    return [_record(row) for row in rows]


def with_items(events: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """The events joined with title, item_price, item_category, item_brand and image of their items, in order."""
    named = items.rename(columns={name: f"item_{name}" for name in ("price", "category", "brand")})
    wanted = ["item_id", "title", "item_price", "item_category", "item_brand", "image"]
    return events.merge(named[wanted], on="item_id", how="left", validate="many_to_one")


def rows_with_items(rows: Iterable[Mapping[str, Any]], items: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same as `with_items` of events and items that are rows already; items by their ids."""
    joined = []
    for row in rows:
        item = items.get(row["item_id"], {})
        of_item = {f"item_{name}": item.get(name) for name in ("price", "category", "brand")}
        joined.append({**row, **of_item, "title": item.get("title"), "image": item.get("image")})
    return joined


def epoch_ms(moment: Any) -> int:
    """Naive UTC to milliseconds since 1970."""
    if type(moment) is datetime:  # ten times as fast, for a window of thousands
        return (moment - _EPOCH) // _MILLISECOND
    return int(pd.Timestamp(moment).value) // 1_000_000  # `value` is in nanoseconds whatever the unit


def image_url(image: str | None) -> str | None:
    """Where the API serves a picture of the media folder."""
    return f"{MEDIA_URL}{quote(image)}" if image else None


def _record(row: Mapping[str, Any]) -> dict[str, Any]:
    record = {name: row.get(name) for name in _PLAIN}
    for name in _WHOLE:
        value = record[name]
        record[name] = None if value is None else int(value)
    price = row.get("price")
    record["price"] = float(price) if price is not None else _number(row.get("item_price"))
    record["category"] = row.get("category") or row.get("item_category")
    record["brand"] = row.get("brand") or row.get("item_brand")
    record["image"] = image_url(row.get("image"))
    return record | {"t": epoch_ms(row["occurred_at"]), "type": row["event_type"], "name": row.get("event_name")}


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
