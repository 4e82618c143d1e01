"""Cleaning of a few rows value by value: the same events, items and reasons as by columns, at a fraction of the price.

A column's function costs some ten microseconds however short the column is, and cleaning calls two hundred of them:
three milliseconds for one event. Here a value in the form that trackers send is taken as it is; every other one goes
through the columns' own functions, so that there is one answer to what it means (tests/core/events/test_few_rows.py
holds both ways against each other).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from core.events.cleaning import (
    EARLIEST,
    HASHED,
    IDS,
    ITEM_TEXTS,
    LARGEST_POSITION,
    LATEST_AHEAD,
    LONGEST_ID,
    NUMBERS,
    RAW_COLUMNS,
    REJECTED_SCHEMA,
    TIMES,
    CleanBatch,
    CleaningReport,
    compact_json,
    content_ids,
    json_object,
    properties_of,
    text_of,
)
from core.events.event_types import event_type_of
from core.events.numbers import parse_numbers
from core.events.schema import EVENT_SCHEMA, ITEM_SCHEMA, EventType
from core.events.text import clean_text
from core.events.times import naive_utc, parse_times, plain_time

FEW_ROWS = 32
"""Up to so many rows, values are cheaper than columns."""

Raw = dict[str, str | None]
"""A row's strings by RAW_COLUMNS."""

Clean = dict[str, Any]
"""A row's values by RAW_COLUMNS; times are microseconds since 1970."""

_TEXTS = tuple(name for name in RAW_COLUMNS if name not in {*TIMES, *NUMBERS, "properties"})
_CLEANED = (*_TEXTS, *NUMBERS)
_PLAIN_NUMBER = re.compile(r"\d{1,15}(\.\d{1,15})?\Z", re.ASCII)
_EPOCH = datetime(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)
_TYPES = {field.name: field.type for field in EVENT_SCHEMA}
_NO_REJECTED, _NO_ITEMS = REJECTED_SCHEMA.empty_table(), ITEM_SCHEMA.empty_table()
_ITEM_VALUES = tuple(name for name in ITEM_SCHEMA.names if name not in {"item_id", "updated_at"})


def clean_few(rows: Sequence[Mapping[str, Any]], *, source: str, received_at: datetime) -> CleanBatch:
    """As `clean_rows`, for up to FEW_ROWS rows; of more it is right, but slow."""
    report = CleaningReport(rows=len(rows))
    raw = [_raw(row) for row in rows]
    arrived_us = _micros(received_at)
    times = (_times([given[name] for given in raw]) for name in TIMES)
    cleaned = [
        _cleaned(given, texts, at, arrived_us if arrived is None else arrived, source, report)
        for given, texts, at, arrived in zip(raw, _clean_texts(raw, report), *times, strict=True)
    ]
    latest_us = _micros(naive_utc(received_at) + LATEST_AHEAD)
    reasons = [_reason(row, given, latest_us) for row, given in zip(cleaned, raw, strict=True)]
    kept = [row for row, reason in zip(cleaned, reasons, strict=True) if reason is None]
    for row in kept:
        if row["event_type"] == EventType.OTHER and row["event_name"] is not None:
            report.unknown_types[row["event_name"]] += 1
    report.rejected.update(reason[0] for reason in reasons if reason is not None)
    report.events = len(kept)
    _give_ids([row for row in kept if row["event_id"] is None])
    return CleanBatch(_table(kept, EVENT_SCHEMA), _rejected(raw, reasons), _items(kept), report)


def _raw(row: Mapping[str, Any]) -> Raw:
    given = {name: text_of(row.get(name)) for name in RAW_COLUMNS}
    given["properties"] = properties_of(row)
    return given


def _clean_texts(raw: Sequence[Raw], report: CleaningReport) -> list[Raw]:
    """The texts of each row as `clean_text` makes them; the odd ones of all rows by one call of it."""
    cleaned: list[Raw] = []
    odd: list[tuple[Raw, str, str]] = []
    for given in raw:
        texts: Raw = {}
        for name in _CLEANED:
            text = texts[name] = given[name]
            if text is not None and not _is_plain(text):
                odd.append((texts, name, text))
        cleaned.append(texts)
    if odd:
        made = clean_text(pa.array([text for _, _, text in odd], pa.string())).to_pylist()
        for (texts, name, before), text in zip(odd, made, strict=True):
            texts[name] = text
            report.normalized_texts += name in _TEXTS and text is not None and text != before
    return cleaned


def _is_plain(text: str) -> bool:
    """Whether cleaning surely leaves a text as it is."""
    return (
        text.isascii() and text.isprintable() and text != "" and text[0] != " " and text[-1] != " " and "  " not in text
    )


def _cleaned(
    given: Raw, texts: Raw, occurred_us: int | None, received_us: int, source: str, report: CleaningReport
) -> Clean:
    row: Clean = {name: texts[name] for name in _TEXTS}
    for name in NUMBERS:
        row[name] = _number(name, texts[name], report)
    row["occurred_at"], row["received_at"] = occurred_us, received_us
    row["properties"] = json_object(given["properties"])
    if row["visitor_id"] is None:
        row["visitor_id"] = row["user_id"]
    if row["source"] is None:
        row["source"] = source
    _name_type(row)
    return row


def _number(name: str, text: str | None, report: CleaningReport) -> float | int | None:
    if text is None:
        return None
    number: float | None = (
        float(text) if _PLAIN_NUMBER.match(text) else parse_numbers(pa.array([text], pa.string()))[0].as_py()
    )
    if number is not None and name == "price" and number < 0:
        number = None
    if number is not None and name == "position":
        number = int(number) if 0 <= number <= LARGEST_POSITION else None
    if number is None:
        report.unreadable_numbers[name] += 1
    return number


def _times(texts: Sequence[str | None]) -> list[int | None]:
    """What each text tells; the odd ones are read by one call of `parse_times`."""
    plain = [None if text is None else plain_time(text) for text in texts]
    times = [None if at is None else _micros(at) for at in plain]
    odd = [place for place, text in enumerate(texts) if text is not None and times[place] is None]
    if odd:
        read = parse_times(pc.utf8_trim_whitespace(pa.array([texts[place] for place in odd], pa.string())))
        for place, micros in zip(odd, read.cast(pa.int64()).to_pylist(), strict=True):
            times[place] = micros
    return times


def _micros(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


def _name_type(row: Clean) -> None:
    """Fill event_type by what is known of the type's or the event's name; an unknown name stays as event_name."""
    given, name = row["event_type"], row["event_name"]
    found = event_type_of(given) if given is not None else None
    if found is None and name is not None:
        found = event_type_of(name)
    if found is None and (given is not None or name is not None):
        row["event_type"] = str(EventType.OTHER)
    else:
        row["event_type"] = found
    if name is None and given is not None and given != found:
        row["event_name"] = given


def _reason(row: Clean, given: Raw, latest_us: int) -> tuple[str, str] | None:
    """Why a row is rejected and the field at fault."""
    if row["visitor_id"] is None:
        return "missing_visitor_id", "visitor_id"
    at = row["occurred_at"]
    if at is None:
        told = given["occurred_at"] is not None and _has_text(given["occurred_at"])
        return "unparseable_time" if told else "missing_time", "occurred_at"
    if at < _EARLIEST_US or at > latest_us:
        return "impossible_time", "occurred_at"
    if row["event_type"] is None:
        return "missing_event_type", "event_type"
    for name in IDS:
        if row[name] is not None and len(row[name]) > LONGEST_ID:
            return "id_too_long", name
    return None


def _has_text(text: str) -> bool:
    return _is_plain(text) or clean_text(pa.array([text], pa.string()))[0].is_valid


def _give_ids(rows: Sequence[Clean]) -> None:
    """Ids that stand for the content of rows that have none."""
    if not rows:
        return
    names = ("event_id", "event_type", *HASHED)
    columns = {name: pa.array([row[name] for row in rows], _TYPES[name]) for name in names}
    for row, event_id in zip(rows, content_ids(columns).to_pylist(), strict=True):
        row["event_id"] = event_id


def _items(kept: Sequence[Clean]) -> pa.Table:
    """What the events tell about their items: the last known value of each column, where a title or picture is told."""
    if all(row[name] is None for row in kept for name in ITEM_TEXTS):
        return _NO_ITEMS
    latest: dict[str, Clean] = {}
    for row in sorted(kept, key=lambda row: row["occurred_at"]):
        if row["item_id"] is not None:
            item = latest.setdefault(row["item_id"], dict.fromkeys(_ITEM_VALUES) | {"item_id": row["item_id"]})
            item.update((name, row[name]) for name in _ITEM_VALUES if row[name] is not None)
            item["updated_at"] = row["occurred_at"]
    return _table([latest[item_id] for item_id in sorted(latest)], ITEM_SCHEMA)


def _rejected(raw: Sequence[Raw], reasons: Sequence[tuple[str, str] | None]) -> pa.Table:
    rows = list(_rejected_rows(raw, reasons))
    return pa.Table.from_pylist(rows, schema=REJECTED_SCHEMA) if rows else _NO_REJECTED


def _rejected_rows(raw: Sequence[Raw], reasons: Sequence[tuple[str, str] | None]) -> Iterator[dict[str, Any]]:
    for number, (given, why) in enumerate(zip(raw, reasons, strict=True), 1):
        if why is not None:
            reason, name = why
            told = {"row_number": number, "reason": reason, "field": name}
            yield told | {"value": given[name], "raw": compact_json(given)}


def _table(rows: Sequence[Clean], schema: pa.Schema) -> pa.Table:
    columns = [pa.array([row[field.name] for row in rows], field.type) for field in schema]
    return pa.Table.from_arrays(columns, schema=schema)


_EARLIEST_US = _micros(EARLIEST)
