"""Sessions derived in SQL: given ids are kept, the rest split by inactivity; rebuilt visitor by visitor."""

from collections.abc import Sequence

import duckdb
import pyarrow as pa

BOT_EVENTS = 100
BOT_SECONDS_PER_EVENT = 1.0
"""A session of so many events at less than so many seconds each was no person."""

FEW_VISITORS = 500
"""So many visitors' events are read by the index and derived in memory; of more, in the table."""

_STREAM_COLUMNS = """events.rowid AS place, event_id, visitor_id, user_id, occurred_at, session_id, session_given,
    event_type, query, device, channel, country, price, quantity"""

_STREAM = f"""
    CREATE OR REPLACE TEMP TABLE stream AS
    SELECT {_STREAM_COLUMNS} FROM events WHERE visitor_id IN (%s) ORDER BY occurred_at, event_id
"""
"""The order is needed: an index scan that sees rows of its own transaction fails in an unordered batch insert (DuckDB
2.0)."""

_HAS_GIVEN = "SELECT count(*) FROM stream WHERE session_given"

_STREAM_OF_OTHERS = f"""
    INSERT INTO stream
    WITH shared AS (
        SELECT session_id, min(occurred_at) AS first_at, max(occurred_at) AS last_at
        FROM stream WHERE session_given GROUP BY session_id
    ), span AS (
        SELECT min(least(first_at, started_at)) AS start, max(greatest(last_at, ended_at)) AS stop
        FROM shared LEFT JOIN sessions USING (session_id)
    )
    SELECT {_STREAM_COLUMNS} FROM events
    WHERE session_id IN (SELECT session_id FROM shared) AND visitor_id NOT IN (SELECT visitor_id FROM touched)
        AND occurred_at >= (SELECT start FROM span) AND occurred_at <= (SELECT stop FROM span)
    ORDER BY occurred_at, event_id
"""
"""Events of other visitors in the given sessions; such a session's row tells where they can be."""

_NAMES = """
    CREATE OR REPLACE TEMP TABLE renamed AS
    WITH ordered AS (
        SELECT {place} AS place, visitor_id, event_id, occurred_at, session_id,
            lag(occurred_at) OVER stream AS previous_at
        FROM {source} JOIN touched USING (visitor_id)
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
    SELECT place, name FROM numbered JOIN named USING (visitor_id, chunk) WHERE session_id IS DISTINCT FROM name
"""

_RENAME = "UPDATE events SET session_id = name FROM renamed WHERE events.rowid = renamed.place"
_RENAME_IN_STREAM = "UPDATE stream SET session_id = name FROM renamed WHERE stream.place = renamed.place"

_TOUCHED_SESSIONS = """
    CREATE OR REPLACE TEMP TABLE touched_sessions AS
    SELECT DISTINCT session_id FROM {source} JOIN touched USING (visitor_id)
"""

_DELETES = (
    "DELETE FROM sessions WHERE session_id IN (FROM touched_sessions)",
    "DELETE FROM sessions WHERE visitor_id IN (SELECT visitor_id FROM touched)",
)
"""Two: of one with OR, DuckDB 2.0 makes no join and asks every row twice (94 ms of CPU at 2 million against 1)."""

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
    FROM {{source}} JOIN touched_sessions USING (session_id)
    GROUP BY session_id
"""
_IN_TABLE = {"source": "events", "place": "events.rowid"}
_IN_MEMORY = {"source": "stream", "place": "place"}


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
    names = _IN_TABLE
    if visitor_ids is not None and 0 < len(visitor_ids) <= FEW_VISITORS:
        names = _IN_MEMORY
        _read_stream(cursor, visitor_ids)
    renamed = cursor.execute(_NAMES.format(**names), [inactivity_gap_minutes]).fetchall()[0][0]
    if renamed:
        cursor.execute(_RENAME).fetchall()
    if renamed and names is _IN_MEMORY:
        cursor.execute(_RENAME_IN_STREAM).fetchall()
    cursor.execute(_TOUCHED_SESSIONS.format(**names)).fetchall()
    for delete in _DELETES:
        cursor.execute(delete).fetchall()
    summarised = cursor.execute(_SUMMARISE.format(**names)).fetchall()[0][0]
    if names is _IN_TABLE:  # small ones are replaced by the next
        cursor.execute("DROP TABLE touched; DROP TABLE touched_sessions; DROP TABLE renamed").fetchall()
    return int(summarised)


def _read_stream(cursor: duckdb.DuckDBPyConnection, visitor_ids: Sequence[str]) -> None:
    """The visitors' events, and those of others in the same given sessions, as the table `stream`."""
    cursor.execute(_STREAM % ", ".join("?" * len(visitor_ids)), list(visitor_ids)).fetchall()
    if cursor.execute(_HAS_GIVEN).fetchall()[0][0]:
        cursor.execute(_STREAM_OF_OTHERS).fetchall()


def _list_touched(cursor: duckdb.DuckDBPyConnection, visitor_ids: Sequence[str] | None) -> None:
    if visitor_ids is None:
        cursor.execute("CREATE OR REPLACE TEMP TABLE touched AS SELECT DISTINCT visitor_id FROM events").fetchall()
        return
    cursor.register("touched_rows", pa.table({"visitor_id": pa.array(list(visitor_ids), pa.string())}))
    cursor.execute("CREATE OR REPLACE TEMP TABLE touched AS SELECT DISTINCT visitor_id FROM touched_rows").fetchall()
    cursor.unregister("touched_rows")
