"""Sessions derived in SQL: given ids are kept, the rest split by inactivity; rebuilt visitor by visitor."""

from collections.abc import Sequence

import duckdb
import pyarrow as pa

BOT_EVENTS = 100
BOT_SECONDS_PER_EVENT = 1.0
"""A session of so many events at less than so many seconds each was no person."""

_NAME_SESSIONS = """
    WITH ordered AS (
        SELECT event_id, visitor_id, occurred_at, session_id,
            lag(occurred_at) OVER stream AS previous_at
        FROM events JOIN touched USING (visitor_id)
        WHERE NOT session_given
        WINDOW stream AS (PARTITION BY visitor_id ORDER BY occurred_at, event_id)
    ), numbered AS (
        SELECT *, sum(CASE WHEN previous_at IS NULL OR occurred_at - previous_at > to_minutes(?) THEN 1 ELSE 0 END)
            OVER (PARTITION BY visitor_id ORDER BY occurred_at, event_id ROWS UNBOUNDED PRECEDING) AS chunk
        FROM ordered
    ), named AS (
        SELECT visitor_id, chunk, coalesce(
            arg_min(session_id, (occurred_at, event_id)) FILTER (session_id IS NOT NULL),
            visitor_id || ':' || strftime(min(occurred_at), '%Y%m%dT%H%M%S.%g')) AS name
        FROM numbered GROUP BY visitor_id, chunk
    )
    UPDATE events SET session_id = fresh.name
    FROM (SELECT event_id, name FROM numbered JOIN named USING (visitor_id, chunk)
          WHERE session_id IS DISTINCT FROM name) AS fresh
    WHERE events.event_id = fresh.event_id
"""

_TOUCHED_SESSIONS = """
    CREATE OR REPLACE TEMP TABLE touched_sessions AS
    SELECT DISTINCT session_id FROM events JOIN touched USING (visitor_id)
"""

_DELETE = """
    DELETE FROM sessions WHERE session_id IN (FROM touched_sessions) OR visitor_id IN (SELECT visitor_id FROM touched)
"""

_SUMMARISE = f"""
    INSERT INTO sessions
    SELECT session_id, arg_min(visitor_id, (occurred_at, event_id)), max(user_id), min(occurred_at), max(occurred_at),
        count(*), bool_or(event_type = 'add_to_cart'), bool_or(event_type = 'purchase'),
        sum(price * coalesce(quantity, 1)) FILTER (event_type = 'purchase'),
        arg_min(query, (occurred_at, event_id)) FILTER (query IS NOT NULL),
        arg_min(device, (occurred_at, event_id)) FILTER (device IS NOT NULL),
        arg_min(channel, (occurred_at, event_id)) FILTER (channel IS NOT NULL),
        arg_min(country, (occurred_at, event_id)) FILTER (country IS NOT NULL),
        count(*) >= {BOT_EVENTS}
            AND epoch(max(occurred_at) - min(occurred_at)) < count(*) * {BOT_SECONDS_PER_EVENT}
    FROM events JOIN touched_sessions USING (session_id)
    GROUP BY session_id
"""


def derive_sessions(
    cursor: duckdb.DuckDBPyConnection, inactivity_gap_minutes: int, visitor_ids: Sequence[str] | None
) -> int:
    """Name the sessions of these visitors (None: of all who have unnamed events or none listed) and summarise them.

    A derived session keeps the id of its earliest event that has one, so late events do not rename it; annotations
    stay attached.

    Returns:
        The number of sessions summarised.
    """
    _list_touched(cursor, visitor_ids)
    cursor.execute(_NAME_SESSIONS, [inactivity_gap_minutes]).fetchall()
    cursor.execute(_TOUCHED_SESSIONS).fetchall()
    cursor.execute(_DELETE).fetchall()
    rows = cursor.execute(_SUMMARISE).fetchall()
    cursor.execute("DROP TABLE touched").fetchall()
    cursor.execute("DROP TABLE touched_sessions").fetchall()
    return int(rows[0][0])


def _list_touched(cursor: duckdb.DuckDBPyConnection, visitor_ids: Sequence[str] | None) -> None:
    if visitor_ids is None:
        cursor.execute("CREATE OR REPLACE TEMP TABLE touched AS SELECT DISTINCT visitor_id FROM events").fetchall()
        return
    cursor.register("touched_rows", pa.table({"visitor_id": pa.array(list(visitor_ids), pa.string())}))
    cursor.execute("CREATE OR REPLACE TEMP TABLE touched AS SELECT DISTINCT visitor_id FROM touched_rows").fetchall()
    cursor.unregister("touched_rows")
