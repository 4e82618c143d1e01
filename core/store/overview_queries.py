"""Figures of the whole shop: totals and series over time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import pandas as pd

from core.store.frames import read_frame, read_row
from core.store.warehouse import Warehouse

Bucket = Literal["hour", "day", "week"]


@dataclass(frozen=True)
class Totals:
    """What the warehouse holds in a span of time; rates are shares of sessions and NaN-free (0 without sessions)."""

    events: int
    visitors: int
    sessions: int
    items: int
    conversion: float
    cart_rate: float
    annotated_sessions: int
    first_at: datetime | None
    last_at: datetime | None


_IN_SPAN = "($1 IS NULL OR started_at >= $1) AND ($2 IS NULL OR started_at < $2)"


def totals(warehouse: Warehouse, start: datetime | None = None, end: datetime | None = None) -> Totals:
    """Totals over the sessions that started from `start` (inclusive) to `end` (exclusive)."""
    query = f"""
        SELECT coalesce(sum(event_count), 0)::BIGINT, count(DISTINCT visitor_id), count(*),
            (SELECT count(*) FROM items), coalesce(avg(has_purchase::INT), 0), coalesce(avg(has_cart::INT), 0),
            count_if(session_id IN (SELECT session_id FROM annotations WHERE intent IS NOT NULL)),
            min(started_at), max(ended_at)
        FROM sessions WHERE {_IN_SPAN}
    """
    row = read_row(warehouse, query, [start, end])
    assert row is not None  # noqa: S101  an aggregate always has its row
    return Totals(*row)


def events_over_time(
    warehouse: Warehouse, bucket: Bucket, start: datetime | None = None, end: datetime | None = None
) -> pd.DataFrame:
    """Columns bucket, events, visitors, sessions, purchases, by the start of the session."""
    query = f"""
        SELECT date_trunc($3, started_at)::TIMESTAMP AS bucket, sum(event_count)::BIGINT AS events,
            count(DISTINCT visitor_id) AS visitors, count(*) AS sessions, count_if(has_purchase)::BIGINT AS purchases
        FROM sessions WHERE {_IN_SPAN} GROUP BY bucket ORDER BY bucket
    """
    return read_frame(warehouse, query, [start, end, bucket])


def event_type_counts(warehouse: Warehouse, start: datetime | None = None, end: datetime | None = None) -> pd.DataFrame:
    """Columns event_type, events; most frequent first."""
    query = """
        SELECT event_type, count(*) AS events FROM events
        WHERE ($1 IS NULL OR occurred_at >= $1) AND ($2 IS NULL OR occurred_at < $2)
        GROUP BY event_type ORDER BY events DESC, event_type
    """
    return read_frame(warehouse, query, [start, end])


def intent_mix_over_time(
    warehouse: Warehouse,
    model_id: str,
    bucket: Bucket,
    start: datetime | None = None,
    end: datetime | None = None,
) -> pd.DataFrame:
    """Columns bucket, intent, share, sessions: the mean probability of each intent at the sessions' last events."""
    query = f"""
        WITH last_events AS (
            SELECT p.session_id, arg_max(p.probabilities, (e.occurred_at, e.event_id)) AS probabilities
            FROM predictions AS p JOIN events AS e USING (event_id)
            WHERE p.model_id = $4 GROUP BY p.session_id
        )
        SELECT date_trunc($3, s.started_at)::TIMESTAMP AS bucket, intent,
            (sum(probabilities[place]) / count(DISTINCT session_id))::DOUBLE AS share,
            count(DISTINCT session_id) AS sessions
        FROM last_events JOIN sessions AS s USING (session_id) CROSS JOIN model_intents
        WHERE model_id = $4 AND {_IN_SPAN} GROUP BY bucket, intent ORDER BY bucket, min(place)
    """
    return read_frame(warehouse, query, [start, end, bucket, model_id])
