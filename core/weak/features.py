"""What rules may ask of a session: named features, each an SQL expression over its row or its events."""

from dataclasses import dataclass
from typing import Literal

from core.events.schema import EVENT_TYPES

ValueKind = Literal["number", "text", "truth"]
Source = Literal["session", "events", "repeats", "texts"]

_TIMES = "list_sort(list(e.occurred_at))"


@dataclass(frozen=True)
class Feature:
    """One value of a session.

    sql: by its source over `s`, the session's row; an aggregate over `e`, its events; or an aggregate over `r`, its
        items with how many `times` events named each; or one over `x`, its texts with their `part`, `similarity_key`,
        `similarity` and `rival` (see text_similarities.py).
    """

    name: str
    kind: ValueKind
    sql: str
    source: Source = "events"


def _of_session(name: str, kind: ValueKind, sql: str) -> Feature:
    return Feature(name, kind, sql, "session")


_NAMED = (
    _of_session("events", "number", "s.event_count"),
    _of_session("minutes", "number", "epoch(s.ended_at - s.started_at) / 60"),
    _of_session("hour", "number", "hour(s.started_at)"),
    _of_session("weekday", "number", "isodow(s.started_at)"),
    _of_session("revenue", "number", "s.revenue"),
    _of_session("has_cart", "truth", "s.has_cart"),
    _of_session("has_purchase", "truth", "s.has_purchase"),
    _of_session("cart_without_purchase", "truth", "s.has_cart AND NOT s.has_purchase"),
    _of_session("device", "text", "s.device"),
    _of_session("channel", "text", "s.channel"),
    _of_session("country", "text", "s.country"),
    _of_session("first_query", "text", "lower(s.first_query)"),
    Feature("first_type", "text", "arg_min(e.event_type, (e.occurred_at, e.event_id))"),
    Feature("last_type", "text", "arg_max(e.event_type, (e.occurred_at, e.event_id))"),
    Feature("price_min", "number", "min(e.price)"),
    Feature("price_mean", "number", "avg(e.price)"),
    Feature("price_max", "number", "max(e.price)"),
    Feature("items", "number", "count(DISTINCT e.item_id)"),
    Feature("most_views_of_an_item", "number", "max(r.times)", "repeats"),
    Feature("categories", "number", "count(DISTINCT e.category)"),
    Feature("brands", "number", "count(DISTINCT e.brand)"),
    Feature("different_queries", "number", "count(DISTINCT lower(e.query))"),
    Feature(
        "longest_gap_minutes",
        "number",
        f"coalesce(list_max(list_transform(list_zip({_TIMES}[2:], {_TIMES}[:-2]), lambda p: epoch(p[1] - p[2]))), 0)"
        " / 60",
    ),
    Feature("deepest_position", "number", "max(e.position)"),
)
_COUNTS = tuple(
    Feature(f"count_{name}", "number", f"count(*) FILTER (e.event_type = '{name}')") for name in EVENT_TYPES
)

FEATURES: dict[str, Feature] = {feature.name: feature for feature in (*_COUNTS, *_NAMED)}
"""By name. `weekday` is 1 on Monday; times of day are UTC; `most_views_of_an_item` counts all events that name it."""
