"""From Segment messages to stored events: rows, cleaning, and one answer per message that was refused."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
from pydantic import ValidationError

from app.api.messages import Message
from core.errors import InvalidEventError
from core.events.cleaning import CleanBatch, clean_rows
from core.importers.segment import rows_from_segment

SOURCE = "segment"

REJECTED_SCHEMA = pa.schema(
    [
        pa.field("row_number", pa.int64()),
        pa.field("reason", pa.string()),
        pa.field("field", pa.string()),
        pa.field("value", pa.string()),
        pa.field("raw", pa.string()),
        pa.field("source", pa.string()),
    ]
)
"""What submit_events keeps of a refused message."""


@dataclass(frozen=True)
class Refusal:
    """Why one message of a request was not taken; `index` counts the request's messages from 0."""

    index: int
    reason: str
    message: str
    field: str | None
    value: str | None


@dataclass(frozen=True)
class Collected:
    """A request's messages ready to be stored: events EVENT_SCHEMA, items ITEM_SCHEMA, rejected REJECTED_SCHEMA."""

    events: pa.Table
    items: pa.Table
    rejected: pa.Table
    refusals: tuple[Refusal, ...]


def collect(messages: Sequence[Any], *, received_at: datetime, sent_at: datetime | None) -> Collected:
    """Check, convert and clean the messages; a bad one is refused alone."""
    refusals: list[Refusal] = []
    rows: list[dict[str, Any]] = []
    message_of_row: list[int] = []
    for index, message in enumerate(messages):
        try:
            Message.model_validate(message)
            made = rows_from_segment(message, received_at=received_at, sent_at=sent_at)
        except (ValidationError, InvalidEventError) as error:
            refusals.append(_refusal(index, error))
        else:
            rows.extend(made)
            message_of_row.extend([index] * len(made))
    batch = clean_rows(rows, source=SOURCE, received_at=received_at)
    refusals.extend(_refused_rows(batch, message_of_row))
    return Collected(batch.events, batch.items, _rejected_table(refusals, messages), tuple(refusals))


def _refusal(index: int, error: ValidationError | InvalidEventError) -> Refusal:
    if isinstance(error, InvalidEventError):
        return Refusal(index, "invalid_event", str(error), None, None)
    first = error.errors(include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or None
    value = None if isinstance(first["input"], dict | list) else str(first["input"])[:200]
    return Refusal(index, "invalid_message", f"{first['msg']} ({field or 'message'}).", field, value)


def _refused_rows(batch: CleanBatch, message_of_row: Sequence[int]) -> list[Refusal]:
    return [
        Refusal(
            index=message_of_row[row["row_number"] - 1],
            reason=row["reason"],
            message=f"{row['reason']}: {row['field']} is '{row['value']}'.",
            field=row["field"],
            value=row["value"],
        )
        for row in batch.rejected.to_pylist()
    ]


def _rejected_table(refusals: Sequence[Refusal], messages: Sequence[Any]) -> pa.Table:
    rows = [
        {
            "row_number": refusal.index + 1,
            "reason": refusal.reason,
            "field": refusal.field,
            "value": refusal.value,
            "raw": json.dumps(messages[refusal.index], ensure_ascii=False),
            "source": SOURCE,
        }
        for refusal in refusals
    ]
    return pa.Table.from_pylist(rows, schema=REJECTED_SCHEMA)
