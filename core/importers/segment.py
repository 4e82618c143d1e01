"""Segment's messages (RudderStack's are the same) as raw rows; the fields are those of its v2 e-commerce spec."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.events.times import parse_time

_ORDER_EVENTS = frozenset({"order completed", "order refunded", "order cancelled"})
_SILENT = frozenset({"identify", "alias", "group"})
_COLUMNS = {
    "category": "category",
    "brand": "brand",
    "price": "price",
    "currency": "currency",
    "quantity": "quantity",
    "position": "position",
    "order_id": "order_id",
    "name": "title",
    "description": "description",
}
_TEXTS = ("review_body", "message", "text", "share_message")


def rows_from_segment(
    message: Mapping[str, Any], *, received_at: datetime | None = None, sent_at: datetime | None = None
) -> list[dict[str, Any]]:
    """The rows of one message: one, whatever its type; what has no column stays in `properties`.

    Args:
        received_at: when it arrived, for messages that do not carry it themselves (exports do).
        sent_at: the client's clock when it sent the batch. An event's time is corrected for the client's skew:
            received_at - (sent_at - original timestamp).
    """
    kind = str(message.get("type") or "track")
    properties = _mapping(message.get("traits" if kind in _SILENT else "properties"))
    context = _mapping(message.get("context"))
    row: dict[str, Any] = {
        "event_id": message.get("messageId"),
        "visitor_id": message.get("anonymousId") or message.get("userId"),
        "user_id": message.get("userId"),
        "session_id": properties.get("session_id") or context.get("sessionId"),
        "event_type": _type(kind),
        "event_name": message.get("event") if kind == "track" else kind,
        "occurred_at": occurred_at(message, received_at, sent_at),
        "received_at": message.get("receivedAt") or received_at,
        "query": properties.get("query"),
        "text": _first(properties, _TEXTS),
        "channel": _mapping(context.get("campaign")).get("medium") or message.get("channel"),
        "device": _device(context),
        "country": _mapping(context.get("location")).get("country"),
        "properties": _rest(properties, message, kind),
    }
    if kind in {"page", "screen"}:
        row["text"] = properties.get("title") or message.get("name") or properties.get("name")
        return [row]
    return [row | _product(properties, str(message.get("event", "")).lower())]


def occurred_at(message: Mapping[str, Any], received_at: datetime | None, sent_at: datetime | None) -> Any:
    """When it happened, corrected for the client's skew where both of the client's clocks are known."""
    if message.get("receivedAt"):  # an export: `timestamp` is corrected already
        return message.get("timestamp") or message.get("originalTimestamp") or message["receivedAt"]
    original = message.get("originalTimestamp") or message.get("timestamp")
    if original is None:
        return received_at
    given = parse_time(str(message["sentAt"])) if message.get("sentAt") else None
    sent, at = given or sent_at, parse_time(str(original))
    if sent is None or at is None or received_at is None:
        return original
    try:
        return received_at - (sent - at)
    except OverflowError:  # a clock centuries off: leave it to the cleaning to refuse
        return original


def _type(kind: str) -> str | None:
    if kind == "track":
        return None  # the event's name tells
    return "page" if kind in {"page", "screen"} else "other"


def _product(properties: Mapping[str, Any], event: str) -> dict[str, Any]:
    """The columns of the event's product, or of the first of its products; an order's price is its whole revenue."""
    products = [product for product in _list(properties.get("products")) if isinstance(product, Mapping)]
    first = dict(products[0]) if products else {}
    told = first | {name: value for name, value in properties.items() if value is not None}
    row = {column: told.get(name) for name, column in _COLUMNS.items()}
    row["item_id"] = told.get("product_id") or told.get("sku")
    row["query"] = properties.get("query")
    if row["item_id"] is None:
        row["title"] = row["description"] = None
    if event in _ORDER_EVENTS:
        revenue = next((told[name] for name in ("revenue", "total", "value") if told.get(name) is not None), None)
        if revenue is not None:
            row |= {"price": revenue, "quantity": 1}
    return row


def _rest(properties: Mapping[str, Any], message: Mapping[str, Any], kind: str) -> dict[str, Any] | None:
    used = {*_COLUMNS, *_TEXTS, "product_id", "query", "session_id"}
    rest: dict[str, Any] = {
        name: value for name, value in properties.items() if name not in used or isinstance(value, dict | list)
    }
    page = _mapping(_mapping(message.get("context")).get("page"))
    rest |= {name: page[name] for name in ("url", "referrer") if page.get(name) and name not in rest}
    for name in ("previousId", "groupId"):
        if message.get(name) is not None:
            rest[name] = message[name]
    return rest or None


def _device(context: Mapping[str, Any]) -> str | None:
    named = _mapping(context.get("device")).get("type")
    if named:
        return str(named).lower()
    agent = str(context.get("userAgent") or "").lower()
    if not agent:
        return None
    if "ipad" in agent or "tablet" in agent:
        return "tablet"
    return "mobile" if "mobi" in agent else "desktop"


def _first(properties: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((properties[name] for name in names if isinstance(properties.get(name), str)), None)


def _mapping(value: Any) -> Mapping[str, Any]:
    if isinstance(value, dict):  # ten times as quick as asking the abstract class
        return value
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
