"""PostHog's events as its capture API and batch exports write them, as raw rows."""

from collections.abc import Mapping
from typing import Any

from core.importers.segment import rows_from_segment

_CONTEXT = {
    "$session_id": "session_id",
    "$device_type": "device",
    "$geoip_country_code": "country",
    "utm_medium": "channel",
}


def rows_from_posthog(event: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The row of one event; its e-commerce names are Segment's, its own properties begin with `$`."""
    properties = event.get("properties")
    properties = dict(properties) if isinstance(properties, Mapping) else {}
    message = {
        "type": "track",
        "event": event.get("event"),
        "messageId": event.get("uuid") or properties.get("$insert_id"),
        "anonymousId": event.get("distinct_id") or properties.get("distinct_id"),
        "timestamp": event.get("timestamp"),
        "properties": properties,
    }
    [row] = rows_from_segment(message)
    row |= {column: properties.get(name) for name, column in _CONTEXT.items() if properties.get(name) is not None}
    if isinstance(row["device"], str):
        row["device"] = row["device"].lower()
    if event.get("event") in ("$pageview", "$screen"):
        row["text"] = properties.get("title") or properties.get("$screen_name") or properties.get("$current_url")
    return [row]
