"""Labelled events and the streams around them, for measuring models on what people said last."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd

from core.events.schema import EVENT_COLUMNS
from core.store.bulk_labels import IS_BULK
from core.store.frames import read_frame, read_rows
from core.store.warehouse import Warehouse

_EVENTS = ", ".join(f"e.{name}" for name in EVENT_COLUMNS)


def newest_labels(warehouse: Warehouse, most: int) -> pd.DataFrame:
    """The `most` labels made last, one by one: event_id, session_id, visitor_id, answer, created_at.

    A session's label stands at its last event; of several labels of one target gold counts before others and the
    newest before older ones. Abstentions, intents not offered any more, sessions of bots and labels given in bulk are
    left out.
    """
    query = f"""
        WITH labels AS (
            SELECT target_kind, session_id, event_id, intent AS answer, created_at
            FROM training_labels WHERE NOT {IS_BULK}
            QUALIFY row_number() OVER (
                PARTITION BY target_kind, session_id, event_id
                ORDER BY status = 'gold' DESC, created_at DESC, sequence DESC) = 1
        ), placed AS (
            SELECT l.answer, l.created_at, l.target_kind, s.session_id, s.visitor_id, coalesce(l.event_id, (
                SELECT max_by(e.event_id, (e.occurred_at, e.event_id)) FROM events AS e
                WHERE e.session_id = s.session_id)) AS event_id
            FROM labels AS l JOIN sessions AS s USING (session_id) WHERE NOT s.is_bot
        )
        SELECT event_id, session_id, visitor_id, answer, created_at FROM placed WHERE event_id IS NOT NULL
        QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY target_kind) = 1
        ORDER BY created_at DESC, event_id LIMIT ?
    """
    return read_frame(warehouse, query, [most])


def streams_of(warehouse: Warehouse, visitor_ids: Sequence[str]) -> pd.DataFrame:
    """All events of these visitors, by visitor and time, sessions of bots left out; columns as EVENT_COLUMNS."""
    query = f"""
        SELECT {_EVENTS} FROM events AS e JOIN sessions AS s USING (session_id)
        WHERE NOT s.is_bot AND list_contains(?::VARCHAR[], e.visitor_id)
        ORDER BY e.visitor_id, e.occurred_at, e.event_id
    """
    return read_frame(warehouse, query, [list(visitor_ids)])


def count_labels_since(warehouse: Warehouse, since: datetime) -> int:
    """Labelled sessions and events whose label was made later than `since` (naive UTC)."""
    query = """
        SELECT count(*) FROM (SELECT DISTINCT target_kind, session_id, event_id FROM training_labels
            WHERE created_at > ?)
    """
    return int(read_rows(warehouse, query, [since])[0][0])
