"""From the messages of many requests to one batch of events, and one answer for each message that was refused.

Requests that arrive together are cleaned together: by columns where they are many, value by value where they are few.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import compress
from typing import Any

import orjson
import pyarrow as pa
from pydantic import ValidationError

from core.collect.dialects import Dialect
from core.errors import InvalidEventError
from core.events.cleaning import REFUSED_SCHEMA, CleanBatch, clean_rows
from core.events.few_rows import FEW_ROWS, clean_few
from core.events.text import storable
from core.store.person_queries import Link

_NONE_REFUSED = REFUSED_SCHEMA.empty_table()


@dataclass(frozen=True)
class Post:
    """The messages of one request. `sent_at` is the client's clock when it sent them, naive UTC, where it told."""

    messages: Sequence[Any]
    dialect: Dialect
    source: str
    received_at: datetime
    sent_at: datetime | None = None


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
    """Posts ready to be stored: events EVENT_SCHEMA, items ITEM_SCHEMA, rejected REFUSED_SCHEMA, links.

    event_ids, visitor_ids: of each post, those of its accepted messages in order; refusals: of each post.
    """

    events: pa.Table
    items: pa.Table
    rejected: pa.Table
    links: tuple[Link, ...]
    event_ids: tuple[tuple[str, ...], ...]
    visitor_ids: tuple[tuple[str, ...], ...]
    refusals: tuple[tuple[Refusal, ...], ...]


def collect(posts: Sequence[Post]) -> Collected:
    """Check, convert and clean the messages of at least one post; a bad one is refused alone."""
    refusals: list[list[Refusal]] = [[] for _ in posts]
    rows: list[dict[str, Any]] = []
    origins: list[tuple[int, int]] = []  # of each row: its post, and the message in it
    links: dict[Link, None] = {}  # in the order they came
    for number, post in enumerate(posts):
        dialect = post.dialect
        for index, message in enumerate(post.messages):
            try:
                dialect.message.model_validate(message)
                made = dialect.rows(message, post.received_at, post.sent_at)
                links.update(dict.fromkeys(dialect.links(message)))
            except (ValidationError, InvalidEventError) as error:
                refusals[number].append(_refusal(index, error))
                continue
            for row in made:
                row["source"] = post.source
                row["properties"] = _as_json(row)
                rows.append(row)
                origins.append((number, index))
    clean = clean_few if len(rows) <= FEW_ROWS else clean_rows
    batch = clean(rows, source=posts[0].source, received_at=max(post.received_at for post in posts))
    accepted = _refuse_rows(batch, origins, refusals)
    taken = list(compress(origins, accepted))
    return Collected(
        events=batch.events,
        items=batch.items,
        rejected=_rejected_table(posts, refusals),
        links=tuple(links),
        event_ids=_ids_of_posts(batch, "event_id", taken, len(posts)),
        visitor_ids=_ids_of_posts(batch, "visitor_id", taken, len(posts)),
        refusals=tuple(tuple(sorted(of_post, key=lambda refusal: refusal.index)) for of_post in refusals),
    )


def _as_json(row: dict[str, Any]) -> Any:
    """Properties written by the fast writer; where the event's id is made of them, by the one files are read by."""
    properties = row.get("properties")
    if not isinstance(properties, dict) or not row.get("event_id"):
        return properties
    try:
        return orjson.dumps(properties).decode()
    except (TypeError, ValueError):  # half a surrogate pair, a number of more than 64 bits
        return properties


def _refusal(index: int, error: ValidationError | InvalidEventError) -> Refusal:
    if isinstance(error, InvalidEventError):
        return Refusal(index, "invalid_event", str(error), None, None)
    first = error.errors(include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or None
    value = None if isinstance(first["input"], dict | list) else storable(str(first["input"])[:200])
    reason = "no_json_object" if first["type"] == "model_type" else "invalid_message"
    return Refusal(index, reason, f"{first['msg']} ({field or 'message'}).", field, value)


def _refuse_rows(
    batch: CleanBatch, origins: Sequence[tuple[int, int]], refusals: Sequence[list[Refusal]]
) -> list[bool]:
    """Add what the cleaning rejected to the refusals; of each row, whether it was accepted."""
    accepted = [True] * len(origins)
    for row in batch.rejected.to_pylist():
        place = row["row_number"] - 1
        accepted[place] = False
        number, index = origins[place]
        message = f"{row['reason']}: {row['field']} is '{row['value']}'."
        refusals[number].append(Refusal(index, row["reason"], message, row["field"], row["value"]))
    return accepted


def _ids_of_posts(
    batch: CleanBatch, column: str, origins: Sequence[tuple[int, int]], posts: int
) -> tuple[tuple[str, ...], ...]:
    ids: list[list[str]] = [[] for _ in range(posts)]
    for (number, _), found in zip(origins, batch.events[column].to_pylist(), strict=True):
        ids[number].append(found)
    return tuple(map(tuple, ids))


def _rejected_table(posts: Sequence[Post], refusals: Sequence[Sequence[Refusal]]) -> pa.Table:
    rows = [
        {
            "row_number": refusal.index + 1,
            "reason": refusal.reason,
            "field": refusal.field,
            "value": refusal.value,
            "raw": storable(json.dumps(post.messages[refusal.index], ensure_ascii=False, default=str)),
            "source": post.source,
        }
        for post, of_post in zip(posts, refusals, strict=True)
        for refusal in of_post
    ]
    return pa.Table.from_pylist(rows, schema=REFUSED_SCHEMA) if rows else _NONE_REFUSED
