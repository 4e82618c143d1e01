"""Finding sessions by what happened in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from core.errors import NotFoundError
from core.store.frames import read_frame, read_row, read_rows, read_value
from core.store.identifiers import choose
from core.store.warehouse import Warehouse

SESSION_COLUMNS = (
    "session_id",
    "visitor_id",
    "user_id",
    "started_at",
    "ended_at",
    "event_count",
    "has_cart",
    "has_purchase",
    "revenue",
    "first_query",
    "device",
    "channel",
    "country",
    "is_bot",
)
ORDERS = (*SESSION_COLUMNS, "predicted_intent", "predicted_score", "annotation_count")


@dataclass(frozen=True)
class Session:
    """One session as summarised from its events."""

    session_id: str
    visitor_id: str
    user_id: str | None
    started_at: datetime
    ended_at: datetime
    event_count: int
    has_cart: bool
    has_purchase: bool
    revenue: float | None
    first_query: str | None
    device: str | None
    channel: str | None
    country: str | None
    is_bot: bool


@dataclass(frozen=True)
class SessionFilter:
    """Which sessions to list; None means any. `intent` is the predicted one and needs `model_id`."""

    visitor_id: str | None = None
    visitor_ids: tuple[str, ...] | None = None
    session_id_contains: str | None = None
    event_type: str | None = None
    query_contains: str | None = None
    min_events: int | None = None
    max_events: int | None = None
    has_purchase: bool | None = None
    has_cart: bool | None = None
    intent: str | None = None
    model_id: str | None = None
    annotated: bool | None = None
    start: datetime | None = None
    end: datetime | None = None


_CONDITIONS = {
    "visitor_id": "visitor_id = $visitor_id",
    "visitor_ids": "list_contains($visitor_ids::VARCHAR[], visitor_id)",
    "session_id_contains": "contains(lower(session_id), lower($session_id_contains))",
    "event_type": "session_id IN (SELECT session_id FROM events WHERE event_type = $event_type)",
    "query_contains": (
        "session_id IN (SELECT session_id FROM events WHERE contains(lower(query), lower($query_contains)))"
    ),
    "min_events": "event_count >= $min_events",
    "max_events": "event_count <= $max_events",
    "has_purchase": "has_purchase = $has_purchase",
    "has_cart": "has_cart = $has_cart",
    "intent": "predicted_intent = $intent",
    "annotated": "(annotation_count > 0) = $annotated",
    "start": "started_at >= $start",
    "end": "started_at < $end",
}

_LISTED = """
    WITH model AS (
        SELECT model_id, list(intent ORDER BY places) AS intents, list(places ORDER BY places) AS places,
            bool_or(len(places) > 1) AS has_merged
        FROM (SELECT model_id, intent, list(place ORDER BY place) AS places FROM model_intents
            WHERE model_id = $model_id GROUP BY model_id, intent)
        GROUP BY model_id
    ), predicted AS (
        SELECT session_id, intents, CASE WHEN has_merged
            THEN list_transform(places, lambda one: list_sum(list_transform(one, lambda place: probabilities[place])))
            ELSE probabilities END AS probabilities
        FROM session_states JOIN model USING (model_id)
    ), annotated AS (
        SELECT session_id, count(*) AS annotation_count FROM current_annotations
        WHERE intent IS NOT NULL GROUP BY session_id
    ), listed AS (
        SELECT s.*, intents[list_position(probabilities, list_max(probabilities))] AS predicted_intent,
            list_max(probabilities)::DOUBLE AS predicted_score, coalesce(annotation_count, 0) AS annotation_count
        FROM sessions AS s LEFT JOIN predicted USING (session_id) LEFT JOIN annotated USING (session_id)
    )
"""


def list_sessions(
    warehouse: Warehouse,
    filter: SessionFilter,
    order_by: str = "started_at",
    descending: bool = True,
    limit: int = 50,
    offset: int = 0,
) -> pd.DataFrame:
    """One page of sessions: SESSION_COLUMNS, predicted_intent, predicted_score, annotation_count.

    Raises:
        IntentLensError: `order_by` is not one of those columns.
    """
    direction = "DESC" if descending else "ASC"
    where, parameters = _where(filter)
    query = f"""{_LISTED} SELECT * FROM listed WHERE {where}
        ORDER BY {choose(order_by, ORDERS)} {direction} NULLS LAST, session_id LIMIT $limit OFFSET $offset"""
    return read_frame(warehouse, query, parameters | {"limit": limit, "offset": offset})


def count_sessions(warehouse: Warehouse, filter: SessionFilter) -> int:
    """How many sessions the filter lets through."""
    where, parameters = _where(filter)
    return int(read_value(warehouse, f"{_LISTED} SELECT count(*) FROM listed WHERE {where}", parameters))


def filtered_sessions(filter: SessionFilter) -> tuple[str, dict[str, Any]]:
    """A query for the session_id of all sessions the filter lets through, and its parameters."""
    where, parameters = _where(filter)
    return f"{_LISTED} SELECT session_id FROM listed WHERE {where}", parameters


def visitors_of(warehouse: Warehouse, session_ids: Sequence[str]) -> dict[str, str]:
    """{session_id: visitor_id} of those of the sessions that are there."""
    query = "SELECT session_id, visitor_id FROM sessions WHERE list_contains(?::VARCHAR[], session_id)"
    return dict(read_rows(warehouse, query, [list(session_ids)]))


def get_session(warehouse: Warehouse, session_id: str) -> Session:
    """One session.

    Raises:
        NotFoundError: there is none of that id.
    """
    columns = ", ".join(SESSION_COLUMNS)
    row = read_row(warehouse, f"SELECT {columns} FROM sessions WHERE session_id = ?", [session_id])
    if row is None:
        raise NotFoundError(f"There is no session '{session_id}'. Look it up on the Sessions page.")
    return Session(*row)


def _where(filter: SessionFilter) -> tuple[str, dict[str, Any]]:
    given = {name: getattr(filter, name) for name in _CONDITIONS if getattr(filter, name) is not None}
    if filter.visitor_ids is not None:
        given["visitor_ids"] = list(filter.visitor_ids)
    where = " AND ".join(_CONDITIONS[name] for name in given) or "true"
    return where, given | {"model_id": filter.model_id}
