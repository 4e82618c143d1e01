"""Labels on their way in: what the warehouse says of each row, and all that are new in one insert."""

import duckdb
import pyarrow as pa

IMPORT_SCHEMA = pa.schema(
    [
        pa.field("number", pa.int64(), nullable=False),  # the row's place in its file, from 1
        pa.field("client_id", pa.string(), nullable=False),
        pa.field("target_kind", pa.string(), nullable=False),
        pa.field("session_id", pa.string(), nullable=False),
        pa.field("event_id", pa.string()),
        pa.field("intent", pa.string()),
        pa.field("annotator", pa.string(), nullable=False),
        pa.field("created_at", pa.timestamp("us"), nullable=False),
        pa.field("lead_time_ms", pa.int64()),
        pa.field("status", pa.string(), nullable=False),
        pa.field("note", pa.string()),
        pa.field("suggestion", pa.string()),
        pa.field("guideline_version", pa.int32()),
    ]
)
"""One row an annotation to be imported."""

_JUDGED = """
    CREATE OR REPLACE TEMP TABLE judged_annotations AS
    WITH first_copies AS (
        SELECT *, row_number() OVER (PARTITION BY client_id ORDER BY number) > 1 AS is_copy FROM annotation_rows
    )
    SELECT r.*, coalesce(e.session_id, r.session_id) AS home, c.annotation_id AS current_id,
        c.created_at AS current_at,
        CASE
            WHEN r.is_copy OR k.client_id IS NOT NULL THEN 'there'
            WHEN r.target_kind = 'event' AND e.event_id IS NULL THEN 'unknown_event'
            WHEN s.session_id IS NULL THEN 'unknown_session'
            WHEN (c.intent IS NOT DISTINCT FROM r.intent OR c.given_intent = r.intent) AND c.status = r.status
                AND (r.note IS NULL OR c.note = r.note) THEN 'there'
            WHEN c.created_at > r.created_at THEN 'older'
            ELSE 'new'
        END AS verdict
    FROM first_copies AS r
    LEFT JOIN events AS e ON e.event_id = r.event_id
    LEFT JOIN sessions AS s ON s.session_id = coalesce(e.session_id, r.session_id)
    LEFT JOIN annotations AS k ON k.client_id = r.client_id
    LEFT JOIN current_annotations AS c ON c.target_kind = r.target_kind AND c.annotator = r.annotator
        AND c.session_id = coalesce(e.session_id, r.session_id) AND c.event_id IS NOT DISTINCT FROM r.event_id
"""
_INSERT = """
    INSERT INTO annotations
    SELECT q.sequence, 'a-' || r.client_id, r.client_id, r.target_kind, r.home, r.event_id, r.intent, r.annotator,
        r.created_at, $received_at, r.lead_time_ms, r.status, r.note, coalesce(lag('a-' || r.client_id) OVER (
            PARTITION BY r.target_kind, r.home, r.event_id, r.annotator ORDER BY r.place), r.current_id),
        r.suggestion, r.guideline_version
    FROM (SELECT *, row_number() OVER (ORDER BY created_at, number) AS place FROM judged_annotations
          WHERE verdict = 'new') AS r
    JOIN (SELECT value AS sequence, row_number() OVER (ORDER BY value) AS place
          FROM (SELECT nextval('annotation_sequence') AS value FROM judged_annotations WHERE verdict = 'new')) AS q
        USING (place)
"""


def judge_annotations(cursor: duckdb.DuckDBPyConnection, rows: pa.Table) -> dict[int, str]:
    """What would become of each row, by its number: new, there, older, unknown_event, unknown_session.

    there: its client_id is in the journal, or its annotator says the same of its target already. older: its annotator
    said something else of the target later than the row was made.

    Args:
        rows: IMPORT_SCHEMA.
    """
    cursor.register("annotation_rows", rows)
    try:
        cursor.execute(_JUDGED).fetchall()
    finally:
        cursor.unregister("annotation_rows")
    return dict(cursor.execute("SELECT number, verdict FROM judged_annotations").fetchall())


def insert_judged(cursor: duckdb.DuckDBPyConnection, received_at: object) -> int:
    """Add the rows that were judged new to the journal, the oldest first; returns how many."""
    added = cursor.execute(_INSERT, {"received_at": received_at}).fetchall()[0][0]
    cursor.execute("DROP TABLE judged_annotations").fetchall()
    return int(added)
