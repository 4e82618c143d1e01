"""Google Analytics 4 events as its BigQuery export writes them, nested or flattened to columns, as raw rows."""

from collections.abc import Mapping
from typing import Any

from core.importers.ga4_flat import nested_again

_ITEM = {
    "item_id": "item_id",
    "item_name": "title",
    "item_brand": "brand",
    "price": "price",
    "quantity": "quantity",
    "index": "position",
}
_CATEGORIES = ("item_category", "item_category2", "item_category3", "item_category4", "item_category5")
_VALUES = ("string_value", "int_value", "double_value", "float_value")


def rows_from_ga4(event: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The row of one event, with its first item; event_timestamp is in microseconds."""
    event = nested_again(event)
    parameters = _parameters(event.get("event_params"))
    items = event.get("items")
    items = [item for item in items if isinstance(item, Mapping)] if isinstance(items, list | tuple) else []
    item = items[0] if items else {}
    order = _part(event, "ecommerce")
    row = {
        "visitor_id": event.get("user_pseudo_id"),
        "user_id": event.get("user_id"),
        "session_id": _session(event, parameters),
        "event_name": event.get("event_name"),
        "occurred_at": event.get("event_timestamp"),
        "query": parameters.get("search_term"),
        "text": parameters.get("page_title"),
        "currency": parameters.get("currency"),
        "order_id": order.get("transaction_id") or parameters.get("transaction_id"),
        "channel": _part(event, "traffic_source").get("medium"),
        "device": _part(event, "device").get("category"),
        "country": _part(event, "geo").get("country"),
        "properties": {"event_params": parameters, "items": items} if len(items) > 1 else {"event_params": parameters},
    }
    row |= {column: item.get(name) for name, column in _ITEM.items()}
    row["category"] = " > ".join(str(item[name]) for name in _CATEGORIES if item.get(name)) or None
    if event.get("event_name") == "purchase" and order.get("purchase_revenue") is not None:
        row |= {"price": order["purchase_revenue"], "quantity": 1}
    return [row]


def _session(event: Mapping[str, Any], parameters: Mapping[str, Any]) -> str | None:
    """ga_session_id is unique only within a visitor."""
    number = parameters.get("ga_session_id")
    return None if number is None else f"{event.get('user_pseudo_id')}.{number}"


def _parameters(given: Any) -> dict[str, Any]:
    """The list of {key, value: {string_value | int_value | ...}} as a plain mapping; a mapping is one already."""
    if isinstance(given, Mapping):
        return {str(name): value for name, value in given.items()}
    found: dict[str, Any] = {}
    for parameter in given if isinstance(given, list | tuple) else ():
        if isinstance(parameter, Mapping) and isinstance(parameter.get("value"), Mapping):
            value = parameter["value"]
            found[str(parameter.get("key"))] = next((value[k] for k in _VALUES if value.get(k) is not None), None)
    return found


def _part(event: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = event.get(name)
    return part if isinstance(part, Mapping) else {}
