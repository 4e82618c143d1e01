"""The known kinds of files: how each is recognised, mapped and, where columns alone do not do, converted."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from core.errors import ColumnMappingError
from core.events.schema import REQUIRED_EVENT_COLUMNS, EventType
from core.importers.conversions import diginetica_times, dotted_category, trivago_columns
from core.importers.ga4 import rows_from_ga4
from core.importers.ga4_flat import NumberedRows, one_row_an_event
from core.importers.mapping import ColumnMapping
from core.importers.otto import rows_from_otto
from core.importers.posthog import rows_from_posthog
from core.importers.segment import rows_from_segment

Sample = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Preset:
    """A kind of file. `needs` are columns that all must be there (a headerless file has column0, column1, ...).

    rows: converts one parsed object into raw rows, for nested formats; `gather` puts objects together that are spread
    over lines. Else `convert` changes the table of strings (it
    may add columns) and `mapping` is applied to it. `looks` judges the first rows where names alone do not tell.
    """

    name: str
    title: str
    needs: frozenset[str]
    mapping: ColumnMapping = field(default_factory=ColumnMapping)
    convert: Callable[[pa.Table], pa.Table] | None = None
    rows: Callable[[Mapping[str, Any]], list[dict[str, Any]]] | None = None
    gather: Callable[[Iterator[NumberedRows]], Iterator[NumberedRows]] | None = None
    looks: Callable[[Sample], bool] | None = None

    def fits(self, columns: Iterable[str], sample: Sample) -> bool:
        """Whether a file with these columns and first rows is of this kind."""
        return self.needs <= set(columns) and (self.looks is None or self.looks(sample))

    def mapping_for(self, columns: Iterable[str]) -> ColumnMapping:
        """The mapping without the optional columns that a file lacks."""
        names = set(columns)
        kept = {ours: theirs for ours, theirs in self.mapping.columns.items() if theirs in names}
        return ColumnMapping(kept, dict(self.mapping.constants), dict(self.mapping.type_names))


def _all(sample: Sample, column: str, pattern: str) -> bool:
    return bool(sample) and all(re.fullmatch(pattern, str(row.get(column) or "")) for row in sample)


_VIEW = {"event_type": str(EventType.VIEW)}
_PURCHASE = {"event_type": str(EventType.PURCHASE)}
_DIGINETICA = {"visitor_id": "sessionId", "session_id": "sessionId", "user_id": "userId", "occurred_at": "occurred_at"}
_ISO = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"

PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset(
            "segment",
            "Segment, RudderStack",
            frozenset({"type", "messageId"}),
            rows=rows_from_segment,
        ),
        Preset(
            "segment-warehouse",
            "Segment, RudderStack (warehouse tables)",
            frozenset({"anonymous_id", "event", "original_timestamp"}),
            ColumnMapping(
                {
                    "event_id": "id",
                    "visitor_id": "anonymous_id",
                    "user_id": "user_id",
                    "occurred_at": "timestamp",
                    "received_at": "received_at",
                    "event_name": "event",
                    "item_id": "product_id",
                    "title": "name",
                    "query": "query",
                    "category": "category",
                    "brand": "brand",
                    "price": "price",
                    "currency": "currency",
                    "quantity": "quantity",
                    "position": "position",
                    "order_id": "order_id",
                    "channel": "context_campaign_medium",
                    "device": "context_device_type",
                }
            ),
        ),
        Preset(
            "posthog",
            "PostHog",
            frozenset({"event", "distinct_id", "timestamp"}),
            rows=rows_from_posthog,
        ),
        Preset(
            "ga4",
            "Google Analytics 4 (BigQuery)",
            frozenset({"event_name", "event_timestamp", "user_pseudo_id"}),
            rows=rows_from_ga4,
            gather=one_row_an_event,
        ),
        Preset("otto", "OTTO", frozenset({"session", "events"}), rows=rows_from_otto),
        Preset(
            "rees46",
            "REES46",
            frozenset({"event_time", "event_type", "product_id", "user_id", "user_session"}),
            ColumnMapping(
                {
                    "occurred_at": "event_time",
                    "event_type": "event_type",
                    "item_id": "product_id",
                    "category": "category",
                    "brand": "brand",
                    "price": "price",
                    "visitor_id": "user_id",
                    "session_id": "user_session",
                }
            ),
            convert=dotted_category("category_code"),
        ),
        Preset(
            "retailrocket",
            "RetailRocket",
            frozenset({"timestamp", "visitorid", "event", "itemid"}),
            ColumnMapping(
                {
                    "occurred_at": "timestamp",
                    "visitor_id": "visitorid",
                    "event_type": "event",
                    "item_id": "itemid",
                    "order_id": "transactionid",
                }
            ),
        ),
        Preset(
            "yoochoose",
            "YooChoose",
            frozenset({"column0", "column1", "column2", "column3"}),
            ColumnMapping(
                {
                    "visitor_id": "column0",
                    "session_id": "column0",
                    "occurred_at": "column1",
                    "item_id": "column2",
                    "category": "column3",
                },
                _VIEW,
            ),
            looks=lambda sample: _all(sample, "column1", _ISO) and "column4" not in sample[0],
        ),
        Preset(
            "yoochoose-buys",
            "YooChoose (buys)",
            frozenset({"column0", "column1", "column2", "column3", "column4"}),
            ColumnMapping(
                {
                    "visitor_id": "column0",
                    "session_id": "column0",
                    "occurred_at": "column1",
                    "item_id": "column2",
                    "price": "column3",
                    "quantity": "column4",
                },
                _PURCHASE,
            ),
            looks=lambda sample: _all(sample, "column1", _ISO),
        ),
        Preset(
            "taobao",
            "Taobao user behaviour",
            frozenset({"column0", "column1", "column2", "column3", "column4"}),
            ColumnMapping(
                {
                    "visitor_id": "column0",
                    "item_id": "column1",
                    "category": "column2",
                    "event_type": "column3",
                    "occurred_at": "column4",
                }
            ),
            looks=lambda sample: _all(sample, "column3", "pv|buy|cart|fav"),
        ),
        Preset(
            "diginetica-purchases",
            "Diginetica (purchases)",
            frozenset({"sessionId", "timeframe", "eventdate", "ordernumber", "itemId"}),
            ColumnMapping(_DIGINETICA | {"item_id": "itemId", "order_id": "ordernumber"}, _PURCHASE),
            convert=diginetica_times,
        ),
        Preset(
            "diginetica-queries",
            "Diginetica (queries)",
            frozenset({"queryId", "sessionId", "timeframe", "eventdate"}),
            ColumnMapping(
                _DIGINETICA | {"query": "searchstring.tokens", "category": "categoryId"},
                {"event_type": str(EventType.SEARCH)},
            ),
            convert=diginetica_times,
        ),
        Preset(
            "diginetica",
            "Diginetica (item views)",
            frozenset({"sessionId", "timeframe", "eventdate", "itemId"}),
            ColumnMapping(_DIGINETICA | {"item_id": "itemId"}, _VIEW),
            convert=diginetica_times,
        ),
        Preset(
            "jdata",
            "JData",
            frozenset({"action_time", "user_id", "sku_id", "type"}),
            ColumnMapping(
                {
                    "occurred_at": "action_time",
                    "visitor_id": "user_id",
                    "item_id": "sku_id",
                    "event_type": "type",
                    "session_id": "sessionId",
                },
                type_names={
                    "1": str(EventType.VIEW),
                    "2": str(EventType.PURCHASE),
                    "3": str(EventType.ADD_TO_WISHLIST),
                    "4": str(EventType.REVIEW),
                    "5": str(EventType.ADD_TO_CART),
                },
            ),
        ),
        Preset(
            "trivago",
            "trivago (RecSys Challenge 2019)",
            frozenset({"user_id", "session_id", "timestamp", "step", "action_type", "reference"}),
            ColumnMapping(
                {
                    "occurred_at": "timestamp",
                    "visitor_id": "user_id",
                    "session_id": "session_id",
                    "event_type": "action_type",
                    "item_id": "item_id",
                    "query": "query",
                    "text": "text",
                    "device": "device",
                    "country": "platform",
                },
                type_names={
                    "clickout item": str(EventType.CHECKOUT),
                    "search for destination": str(EventType.SEARCH),
                    "search for item": str(EventType.SEARCH),
                    "search for poi": str(EventType.SEARCH),
                    "interaction item image": str(EventType.VIEW),
                    "interaction item info": str(EventType.VIEW),
                    "interaction item rating": str(EventType.REVIEW),
                    "interaction item deals": str(EventType.PROMO_VIEW),
                    "filter selection": str(EventType.FILTER_LIST),
                    "change of sort order": str(EventType.FILTER_LIST),
                },
            ),
            convert=trivago_columns,
        ),
        Preset(
            "canonical",
            "IntentLens",
            frozenset(REQUIRED_EVENT_COLUMNS),
        ),
    )
}
"""By name, in the order in which they are tried."""


def detect_preset(columns: Iterable[str], sample: Sample) -> Preset | None:
    """The first kind that a file with these columns and first rows fits, or None."""
    names = list(columns)
    return next((preset for preset in PRESETS.values() if preset.fits(names, sample)), None)


def get_preset(name: str) -> Preset:
    """A kind by name.

    Raises:
        ColumnMappingError: there is none of that name.
    """
    if name not in PRESETS:
        raise ColumnMappingError(f"There is no preset '{name}', expected one of {', '.join(PRESETS)}.")
    return PRESETS[name]
