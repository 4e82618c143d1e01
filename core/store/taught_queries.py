"""The journal as it stood when a model was made, and the streams that its labels stand in."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd

from core.events.schema import EVENT_COLUMNS, ITEM_COLUMNS
from core.store.bulk_labels import is_bulk
from core.store.frames import read_frame, read_value
from core.store.replay_queries import REPLAYED_SESSIONS
from core.store.warehouse import Warehouse

_EVENTS = ", ".join(f"e.{name}" for name in EVENT_COLUMNS)
_ITEMS = ", ".join(ITEM_COLUMNS)


def labels_as_of(warehouse: Warehouse, moment: datetime) -> pd.DataFrame:
    """What annotators had said by then (naive UTC), as a training's snapshot holds it.

    A label made elsewhere before the moment and imported after it counts as said: nobody can tell whether the model
    was trained there. Columns: target_kind, event_id, session_id, intent, given_intent, annotator, created_at, status,
    bulk; `intent` is what the given one counts as today.
    """
    query = f"""
        WITH said AS (
            SELECT * FROM resolved_annotations WHERE least(created_at, received_at) <= ?
            QUALIFY row_number() OVER (
                PARTITION BY target_kind, session_id, event_id, annotator ORDER BY sequence DESC) = 1)
        SELECT target_kind, event_id, session_id, intent, given_intent, annotator, created_at, status,
            {is_bulk("a")} AS bulk
        FROM said AS a WHERE status IN ('submitted', 'gold') AND intent IS NOT NULL
            AND session_id NOT IN ({REPLAYED_SESSIONS})
        ORDER BY session_id, event_id, annotator
    """
    return read_frame(warehouse, query, [moment])


def count_labels_until(warehouse: Warehouse, moment: datetime) -> int:
    """Rows of the journal that `labels_as_of` reads; they may grow by an import."""
    query = "SELECT count(*) FROM annotations WHERE least(created_at, received_at) <= ?"
    return int(read_value(warehouse, query, [moment]))


def streams_until(
    warehouse: Warehouse, *, event_ids: Sequence[str] = (), session_ids: Sequence[str] = ()
) -> pd.DataFrame:
    """The streams of the visitors of these events and sessions, each up to the last of them; columns as EVENT_COLUMNS.

    Sorted by visitor and time; sessions of bots are left out.
    """
    query = f"""
        WITH ends AS (
            SELECT visitor_id, max((occurred_at, event_id)) AS last FROM events
            WHERE event_id IN (SELECT unnest($events::VARCHAR[]))
                OR session_id IN (SELECT unnest($sessions::VARCHAR[]))
            GROUP BY visitor_id)
        SELECT {_EVENTS} FROM events AS e JOIN ends ON ends.visitor_id = e.visitor_id
            JOIN sessions AS s ON s.session_id = e.session_id
        WHERE NOT s.is_bot AND (e.occurred_at, e.event_id) <= ends.last
        ORDER BY e.visitor_id, e.occurred_at, e.event_id
    """
    return read_frame(warehouse, query, {"events": list(event_ids), "sessions": list(session_ids)})


def items_named(warehouse: Warehouse, item_ids: Sequence[str]) -> pd.DataFrame:
    """These items, of which there may be thousands; columns as ITEM_COLUMNS."""
    query = f"SELECT {_ITEMS} FROM items WHERE item_id IN (SELECT unnest(?::VARCHAR[])) ORDER BY item_id"
    return read_frame(warehouse, query, [list(item_ids)])
