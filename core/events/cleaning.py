"""Cleaning: raw rows become events, items and rejected rows, and a report says what was found.

Every row ends either among the events or among the rejected, with the reason. Works on columns, so that a request of
a hundred events and a file of a hundred million take the same path; `few_rows` does the same for a handful.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import orjson
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.events.event_types import event_types_of
from core.events.numbers import parse_numbers
from core.events.schema import EVENT_COLUMNS, EVENT_SCHEMA, ITEM_SCHEMA, EventType
from core.events.text import clean_text, storable
from core.events.times import TIMESTAMP, naive_utc, parse_times

ITEM_TEXTS = ("title", "description", "image")
RAW_COLUMNS: tuple[str, ...] = (*EVENT_COLUMNS, *ITEM_TEXTS)
"""What a raw row may carry; anything else belongs into `properties`."""

_RAW = frozenset(RAW_COLUMNS)

EARLIEST = datetime(1995, 1, 1)
"""Nobody logged a shop's visitors before."""

LATEST_AHEAD = timedelta(days=1)
"""Clocks run ahead, but not by more."""

LONGEST_ID = 1000
NUMBERS = ("price", "quantity", "position")
TIMES = ("occurred_at", "received_at")
_TYPES = {field.name: field.type for field in EVENT_SCHEMA}
IDS = ("event_id", "visitor_id", "session_id", "item_id", "user_id", "order_id")
HASHED = ("visitor_id", "occurred_at", "event_name", "item_id", "query", "text", "order_id", "position", "properties")
_HASH_KEYS = ("intentlens-event", "intentlens-again")
_ID_DIGITS = 32
LARGEST_POSITION = 2**31 - 1
_EXAMPLES = 5

REJECTED_SCHEMA = pa.schema(
    [
        pa.field("row_number", pa.int64()),
        pa.field("reason", pa.string()),
        pa.field("field", pa.string()),
        pa.field("value", pa.string()),
        pa.field("raw", pa.string()),
    ]
)

REFUSED_SCHEMA = REJECTED_SCHEMA.append(pa.field("source", pa.string()))
"""What is kept of a message that a tracker sent."""


@dataclass
class CleaningReport:
    """Counts over rows: what was accepted, rejected by reason, and mended; unknown types by name."""

    rows: int = 0
    events: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    unknown_types: Counter[str] = field(default_factory=Counter)
    unreadable_numbers: Counter[str] = field(default_factory=Counter)
    normalized_texts: int = 0

    def add(self, other: "CleaningReport") -> None:
        """Count another batch in."""
        self.rows += other.rows
        self.events += other.events
        self.normalized_texts += other.normalized_texts
        self.rejected += other.rejected
        self.unknown_types += other.unknown_types
        self.unreadable_numbers += other.unreadable_numbers

    def as_json(self) -> dict[str, Any]:
        """The report as JSON; of the unknown types the commonest."""
        return {
            "rows": self.rows,
            "events": self.events,
            "rejected": dict(self.rejected.most_common()),
            "unknown_types": dict(self.unknown_types.most_common(50)),
            "unreadable_numbers": dict(self.unreadable_numbers),
            "normalized_texts": self.normalized_texts,
        }


@dataclass(frozen=True)
class CleanBatch:
    """events (EVENT_SCHEMA), rejected (REJECTED_SCHEMA) and items (ITEM_SCHEMA) of a batch of rows."""

    events: pa.Table
    rejected: pa.Table
    items: pa.Table
    report: CleaningReport


def clean_rows(rows: Sequence[Mapping[str, Any]], *, source: str, received_at: datetime) -> CleanBatch:
    """Clean rows given as mappings of any values; `rejected.row_number` counts them from 1."""
    return clean_table(table_of_rows(rows), source=source, received_at=received_at)


def table_of_rows(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Mappings as a table of strings in RAW_COLUMNS; keys of other names go into `properties`."""
    columns = {name: [text_of(row.get(name)) for row in rows] for name in RAW_COLUMNS}
    columns["properties"] = [properties_of(row) for row in rows]
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


def clean_table(
    raw: pa.Table,
    *,
    source: str,
    received_at: datetime,
    row_numbers: pa.Array | None = None,
    type_names: Mapping[str, str] | None = None,
) -> CleanBatch:
    """Clean a table of strings in some of RAW_COLUMNS.

    Args:
        received_at: naive UTC, for rows that do not tell.
        row_numbers: [N] int64, each row's number in its file; None: counted from 1.
        type_names: the source's own event names and the types they stand for, besides the known ones.
    """
    raw = raw.combine_chunks()
    report = CleaningReport(rows=len(raw))
    columns = {name: _column(raw, name) for name in RAW_COLUMNS}
    cleaned = {name: _cleaned(name, column, report) for name, column in columns.items()}
    cleaned["received_at"] = pc.fill_null(cleaned["received_at"], pa.scalar(received_at, TIMESTAMP))
    cleaned["visitor_id"] = pc.coalesce(cleaned["visitor_id"], cleaned["user_id"])
    _name_types(cleaned, columns, type_names, report)
    reasons, fields = _reasons(cleaned, columns, received_at)
    accepted = pc.is_null(reasons)
    report.rejected = Counter(reasons.drop_null().to_pylist())
    unknown = pc.filter(cleaned["event_name"], pc.and_(pc.equal(cleaned["event_type"], "other"), accepted))
    report.unknown_types = Counter(unknown.drop_null().to_pylist())
    cleaned["event_id"] = pc.coalesce(cleaned["event_id"], content_ids(cleaned))
    cleaned["source"] = pc.fill_null(cleaned["source"], source)
    everything = pa.table(cleaned)
    kept = everything if pc.all(accepted).as_py() else everything.filter(accepted)
    report.events = len(kept)
    return CleanBatch(
        events=kept.select(list(EVENT_COLUMNS)).cast(EVENT_SCHEMA),
        rejected=_rejected(columns, reasons, fields, row_numbers),
        items=_items(kept),
        report=report,
    )


def _column(raw: pa.Table, name: str) -> pa.Array:
    if name not in raw.column_names:
        return pa.nulls(len(raw), pa.string())
    column = raw.column(name)
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return array if isinstance(array, pa.Array) else pa.concat_arrays(array.chunks)


def _cleaned(name: str, column: pa.Array, report: CleaningReport) -> pa.Array:
    if column.null_count == len(column):  # most columns of most sources
        return pa.nulls(len(column), _TYPES.get(name, pa.string()))
    if name in TIMES:
        return parse_times(pc.utf8_trim_whitespace(column))
    if name in NUMBERS:
        return _number(name, column, report)
    if name == "properties":
        return _json_objects(column)
    text = clean_text(column)
    if text is not column:
        report.normalized_texts += pc.sum(pc.not_equal(text, column)).as_py() or 0
    return text


def _number(name: str, column: pa.Array, report: CleaningReport) -> pa.Array:
    given = clean_text(column)
    number = parse_numbers(given)
    if name == "price":
        number = pc.if_else(pc.less(number, 0.0), pa.scalar(None, pa.float64()), number)
    if name == "position":
        fits = pc.and_(pc.greater_equal(number, 0.0), pc.less_equal(number, float(LARGEST_POSITION)))
        number = pc.cast(pc.floor(pc.if_else(fits, number, pa.scalar(None, pa.float64()))), pa.int32())
    lost = number.null_count - given.null_count
    if lost:
        report.unreadable_numbers[name] += lost
    return number


def _json_objects(column: pa.Array) -> pa.Array:
    if column.null_count == len(column):
        return column
    encoded = column.dictionary_encode()
    return pa.array(map(json_object, encoded.dictionary.to_pylist()), pa.string()).take(encoded.indices)


def json_object(text: str | None) -> str | None:
    """A JSON object as it is; anything else is kept under the name `value`."""
    if text is None or not text.strip():
        return None
    return text if _is_object(text) else json.dumps({"value": text}, ensure_ascii=False)


def _is_object(text: str) -> bool:
    """By the fast reader first, which refuses a few things (NaN, huge nesting) that the other one takes."""
    try:
        return isinstance(orjson.loads(text), dict)
    except ValueError:
        pass
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _name_types(
    cleaned: dict[str, pa.Array],
    columns: dict[str, pa.Array],
    type_names: Mapping[str, str] | None,
    report: CleaningReport,
) -> None:
    """Fill event_type by what is known of the type's or the event's name; an unknown name stays as event_name."""
    given, name = cleaned["event_type"], cleaned["event_name"]
    known = dict(type_names or {})
    found = pc.coalesce(event_types_of(given, known), event_types_of(name, known))
    named = pc.coalesce(given, name)
    other = pc.if_else(pc.is_valid(named), pa.scalar(str(EventType.OTHER)), pa.scalar(None, pa.string()))
    own_name = pc.if_else(pc.fill_null(pc.equal(given, found), False), pa.scalar(None, pa.string()), given)
    cleaned["event_type"] = pc.coalesce(found, other)
    cleaned["event_name"] = pc.coalesce(name, own_name)


def _reasons(
    cleaned: dict[str, pa.Array], columns: dict[str, pa.Array], received_at: datetime
) -> tuple[pa.Array, pa.Array]:
    """Why each row is rejected and the field at fault ([N] string each), null for the accepted."""
    at, given = cleaned["occurred_at"], clean_text(columns["occurred_at"])
    latest = pa.scalar(naive_utc(received_at) + LATEST_AHEAD, TIMESTAMP)
    impossible = pc.or_(pc.less(at, pa.scalar(EARLIEST, TIMESTAMP)), pc.greater(at, latest))
    checks: list[tuple[str, str, pa.Array]] = [
        ("missing_visitor_id", "visitor_id", pc.is_null(cleaned["visitor_id"])),
        ("missing_time", "occurred_at", pc.is_null(given)),
        ("unparseable_time", "occurred_at", pc.is_null(at)),
        ("impossible_time", "occurred_at", impossible),
        ("missing_event_type", "event_type", pc.is_null(cleaned["event_type"])),
    ]
    checks += [("id_too_long", name, pc.greater(pc.utf8_length(cleaned[name]), LONGEST_ID)) for name in IDS]
    none = pa.scalar(None, pa.string())
    reasons = fields = pa.nulls(len(at), pa.string())
    for reason, name, failed in checks:
        first = pc.and_(pc.fill_null(failed, False), pc.is_null(reasons))
        if pc.any(first).as_py():
            reasons = pc.coalesce(reasons, pc.if_else(first, pa.scalar(reason), none))
            fields = pc.coalesce(fields, pc.if_else(first, pa.scalar(name), none))
    return reasons, fields


def content_ids(cleaned: dict[str, pa.Array]) -> pa.Array:
    """Ids of 128 bits that stand for a row's content, so that the same row again is the same event.

    The source is no part of it: a file imported by a preset and again by a mapping of one's own adds nothing.
    """
    if cleaned["event_id"].null_count == 0:
        return cleaned["event_id"]
    parts = [pc.fill_null(pc.cast(cleaned[name], pa.string()), "") for name in ("event_type", *HASHED)]
    content = pc.binary_join_element_wise(*parts, "\x1f").to_numpy(zero_copy_only=False)
    halves = [pd.util.hash_array(content, hash_key=key, categorize=False) for key in _HASH_KEYS]
    digits = np.stack(halves, axis=1).astype(">u8").tobytes().hex().encode()
    ends = pa.array(np.arange(0, len(digits) + 1, _ID_DIGITS, dtype=np.int32))
    ids = pa.StringArray.from_buffers(len(content), ends.buffers()[1], pa.py_buffer(digits))
    return pc.binary_join_element_wise("row", ids, "-")


def _rejected(
    columns: dict[str, pa.Array], reasons: pa.Array, fields: pa.Array, row_numbers: pa.Array | None
) -> pa.Table:
    rows = np.flatnonzero(pc.is_valid(reasons).to_numpy(zero_copy_only=False))
    if not len(rows):
        return REJECTED_SCHEMA.empty_table()
    raw = pa.table(columns).take(pa.array(rows)).to_pylist()
    at_fault = fields.take(pa.array(rows)).to_pylist()
    return pa.table(
        {
            "row_number": pa.array(rows + 1, pa.int64()) if row_numbers is None else row_numbers.take(pa.array(rows)),
            "reason": reasons.take(pa.array(rows)),
            "field": pa.array(at_fault, pa.string()),
            "value": pa.array([row[name] for row, name in zip(raw, at_fault, strict=True)], pa.string()),
            "raw": pa.array([compact_json(row) for row in raw], pa.string()),
        },
        schema=REJECTED_SCHEMA,
    )


def compact_json(row: Mapping[str, Any]) -> str:
    """A row's values by name, without what is missing."""
    return json.dumps({name: value for name, value in row.items() if value is not None}, ensure_ascii=False)


def _items(events: pa.Table) -> pa.Table:
    """What the events tell about their items: the last known value of each column, where a title or picture is told."""
    if all(events[name].null_count == len(events) for name in ITEM_TEXTS):
        return ITEM_SCHEMA.empty_table()
    told = events.select(["item_id", *ITEM_TEXTS, "category", "brand", "price", "currency", "occurred_at"])
    told = told.filter(pc.is_valid(told["item_id"])).rename_columns({"occurred_at": "updated_at"})
    values = [name for name in ITEM_SCHEMA.names if name != "item_id"]
    latest = (
        told.sort_by("updated_at").group_by("item_id", use_threads=False).aggregate([(name, "last") for name in values])
    )
    columns = {name: latest[name if name == "item_id" else f"{name}_last"] for name in ITEM_SCHEMA.names}
    return pa.table(columns).sort_by("item_id").cast(ITEM_SCHEMA)


def text_of(value: Any) -> str | None:
    """A value of a mapping as text; NaN is missing."""
    if value is None:
        return None
    if isinstance(value, str):
        return storable(value)
    if value != value:
        return None
    if isinstance(value, datetime):
        return naive_utc(value).isoformat()
    if isinstance(value, dict | list):
        return storable(json.dumps(value, ensure_ascii=False, default=str))
    return storable(str(value))


def properties_of(row: Mapping[str, Any]) -> str | None:
    """A row's properties and everything that has no column, as text."""
    given = row.get("properties")
    extra = {str(name): value for name, value in row.items() if name not in _RAW and value is not None}
    if not extra:
        return text_of(given)
    if isinstance(given, dict):
        extra = given | extra
    elif given is not None:
        extra = {"properties": given} | extra
    return text_of(extra)
