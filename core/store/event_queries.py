"""Events of a session, of a visitor, and the visitors themselves."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd

from core.events.schema import EVENT_COLUMNS
from core.store.frames import read_frame, read_rows
from core.store.identifiers import one_of
from core.store.warehouse import Warehouse

_EVENTS = ", ".join(f"e.{name}" for name in EVENT_COLUMNS)

WITH_ITEMS = f"""
    SELECT {_EVENTS}, i.title, i.price AS item_price, i.category AS item_category, i.brand AS item_brand, i.image
    FROM events AS e LEFT JOIN items AS i USING (item_id)
"""
"""Events joined with title, item_price, item_category, item_brand and image of their items."""


def session_events(warehouse: Warehouse, session_id: str) -> pd.DataFrame:
    """The events of a session in order, with title, item_price, item_category, item_brand and image of their item."""
    query = f"{WITH_ITEMS} WHERE e.session_id = ? ORDER BY e.occurred_at, e.event_id"
    return read_frame(warehouse, query, [session_id])


def visitor_events(
    warehouse: Warehouse,
    visitor_id: str,
    start: datetime | None = None,
    end: datetime | None = None,
    limit: int = 5000,
) -> pd.DataFrame:
    """A visitor's events from `start` (inclusive) to `end` (exclusive), the newest `limit` of them, in order."""
    return events_of_visitors(warehouse, [visitor_id], start, end, limit)


def events_of_visitors(
    warehouse: Warehouse,
    visitor_ids: Sequence[str],
    start: datetime | None = None,
    end: datetime | None = None,
    limit: int = 5000,
) -> pd.DataFrame:
    """The same of several visitors together, such as those that are one person."""
    condition, given = one_of("visitor_id", visitor_ids)
    query = f"""
        SELECT * FROM ({WITH_ITEMS}
            WHERE e.{condition} AND ($start IS NULL OR e.occurred_at >= $start)
                AND ($end IS NULL OR e.occurred_at < $end)
            ORDER BY e.occurred_at DESC, e.event_id DESC LIMIT $limit)
        ORDER BY occurred_at, event_id
    """
    return read_frame(warehouse, query, given | {"start": start, "end": end, "limit": limit})


def visitor_context(
    warehouse: Warehouse, visitor_id: str, until_event_id: str | None = None, limit: int = 256
) -> pd.DataFrame:
    """The visitor's last `limit` events up to and including the given one (None: up to the newest), in order."""
    query = f"""
        SELECT * FROM (
            SELECT {_EVENTS} FROM events AS e
            WHERE e.visitor_id = $visitor AND ($until IS NULL OR (e.occurred_at, e.event_id) <= (
                SELECT (occurred_at, event_id) FROM events WHERE event_id = $until))
            ORDER BY e.occurred_at DESC, e.event_id DESC LIMIT $limit)
        ORDER BY occurred_at, event_id
    """
    return read_frame(warehouse, query, {"visitor": visitor_id, "until": until_event_id, "limit": limit})


def event_subjects(warehouse: Warehouse, event_ids: Sequence[str]) -> dict[str, str]:
    """What events were about, by event_id: the query, else the item's title, the text, the item or the category.

    Args:
        event_ids: few enough (2,000) to be looked up in the index.
    """
    query = f"""
        SELECT event_id, coalesce(query, title, text, item_id, e.category)
        FROM (SELECT * FROM events WHERE event_id IN ({", ".join("?" * len(event_ids))})) AS e
            LEFT JOIN items USING (item_id)
    """
    rows = read_rows(warehouse, query, list(event_ids)) if event_ids else []
    return {event_id: subject for event_id, subject in rows if subject}


def list_visitors(warehouse: Warehouse, search: str = "", limit: int = 50) -> pd.DataFrame:
    """Visitors whose id or user id contains `search`, or that of another visitor who is the same person; most recent
    first.

    Columns: visitor_id, sessions, events, first_at, last_at, purchases.
    """
    query = """
        WITH links AS (SELECT visitor_id, person_id FROM person_links UNION ALL
            SELECT DISTINCT person_id, person_id FROM person_links),
        same_person AS (SELECT visitor_id FROM links WHERE person_id IN (
            SELECT person_id FROM links WHERE $1 <> '' AND contains(lower(visitor_id), lower($1))))
        SELECT visitor_id, count(*) AS sessions, sum(event_count)::BIGINT AS events, min(started_at) AS first_at,
            max(ended_at) AS last_at, count_if(has_purchase)::BIGINT AS purchases
        FROM sessions
        WHERE $1 = '' OR contains(lower(visitor_id), lower($1)) OR contains(lower(coalesce(user_id, '')), lower($1))
            OR visitor_id IN (SELECT visitor_id FROM same_person)
        GROUP BY visitor_id ORDER BY last_at DESC, visitor_id LIMIT $2
    """
    return read_frame(warehouse, query, [search, limit])


def visitor_days(warehouse: Warehouse, visitor_ids: Sequence[str]) -> pd.DataFrame:
    """Columns day, events: the days on which any of the visitors was there."""
    condition, given = one_of("visitor_id", visitor_ids)
    query = f"""
        SELECT date_trunc('day', occurred_at)::TIMESTAMP AS day, count(*) AS events
        FROM events WHERE {condition} GROUP BY day ORDER BY day
    """
    return read_frame(warehouse, query, given)
