"""The dialects trackers speak: how each one's message is checked, becomes rows, and links visitors to users."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel

from core.collect.messages import CanonicalMessage, Ga4Message, PosthogMessage, SegmentMessage
from core.importers.ga4 import rows_from_ga4
from core.importers.posthog import rows_from_posthog
from core.importers.segment import occurred_at, rows_from_segment
from core.store.person_queries import Link

MOST_OFFSET_MS = 7 * 24 * 3600 * 1000
"""An event that claims to be older than a week when it is sent counts as of now."""

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Dialect:
    """A tracker's way of telling events; `name` is their source where no write key names another."""

    name: str
    message: type[BaseModel]
    rows: Callable[[Mapping[str, Any], datetime, datetime | None], Rows]
    links: Callable[[Mapping[str, Any]], Sequence[Link]]


def _segment_rows(message: Mapping[str, Any], received_at: datetime, sent_at: datetime | None) -> Rows:
    return rows_from_segment(message, received_at=received_at, sent_at=sent_at)


def _segment_links(message: Mapping[str, Any]) -> Sequence[Link]:
    user = message.get("userId")
    return [
        *_link(message.get("anonymousId"), user),
        *(_link(message.get("previousId"), user) if message.get("type") == "alias" else ()),
    ]


def _posthog_rows(message: Mapping[str, Any], received_at: datetime, sent_at: datetime | None) -> Rows:
    """PostHog's browser library tells an event's age in ms as `offset` instead of its time."""
    at, offset = message.get("timestamp"), message.get("offset")
    rows = rows_from_posthog(message)
    tells_age = isinstance(offset, int | float) and not isinstance(offset, bool) and 0 <= offset <= MOST_OFFSET_MS
    if at is None and offset is not None and tells_age:
        rows[0]["occurred_at"] = received_at - timedelta(milliseconds=offset)
    else:
        rows[0]["occurred_at"] = occurred_at({"timestamp": at}, received_at, sent_at)
    rows[0]["received_at"] = received_at
    return rows


def _posthog_links(message: Mapping[str, Any]) -> Sequence[Link]:
    properties = message.get("properties") or {}
    person = message.get("distinct_id") or properties.get("distinct_id")
    if message.get("event") == "$identify":
        return _link(properties.get("$anon_distinct_id"), person)
    if message.get("event") == "$create_alias":
        return _link(properties.get("alias"), person)
    return ()


def _ga4_rows(message: Mapping[str, Any], received_at: datetime, sent_at: datetime | None) -> Rows:
    """The Measurement Protocol's names are the export's but for these; it knows no clock skew."""
    params = dict(message.get("params") or {})
    items = params.pop("items", [])
    if "session_id" in params:
        params["ga_session_id"] = params.pop("session_id")
    visitor = message.get("client_id") or message.get("app_instance_id") or message.get("user_id")
    exported = {
        "user_pseudo_id": visitor,
        "user_id": message.get("user_id"),
        "event_name": message.get("name"),
        "event_timestamp": message.get("timestamp_micros") or received_at,
        "event_params": params,
        "items": items,
        "ecommerce": {"transaction_id": params.get("transaction_id"), "purchase_revenue": params.get("value")},
    }
    rows = rows_from_ga4(exported)
    rows[0]["received_at"] = received_at
    return rows


def _ga4_links(message: Mapping[str, Any]) -> Sequence[Link]:
    return _link(message.get("client_id"), message.get("user_id"))


def _canonical_rows(message: Mapping[str, Any], received_at: datetime, sent_at: datetime | None) -> Rows:
    return [
        {"received_at": received_at, "occurred_at": received_at} | {k: v for k, v in message.items() if v is not None}
    ]


def _canonical_links(message: Mapping[str, Any]) -> Sequence[Link]:
    return _link(message.get("visitor_id"), message.get("user_id"))


def _link(visitor: Any, user: Any) -> Sequence[Link]:
    if not visitor or not user or str(visitor) == str(user):
        return ()
    return [(str(visitor), str(user))]


SEGMENT = Dialect("segment", SegmentMessage, _segment_rows, _segment_links)
POSTHOG = Dialect("posthog", PosthogMessage, _posthog_rows, _posthog_links)
GA4 = Dialect("ga4", Ga4Message, _ga4_rows, _ga4_links)
CANONICAL = Dialect("intentlens", CanonicalMessage, _canonical_rows, _canonical_links)


def dialect_of(message: Any) -> Dialect:
    """The dialect a message is in by the names of its fields; Segment's where they tell nothing."""
    if not isinstance(message, dict):
        return SEGMENT
    if "event_type" in message or "visitor_id" in message:
        return CANONICAL
    if "type" in message:
        return SEGMENT
    if "event" in message:
        return POSTHOG
    return GA4 if "name" in message else SEGMENT
