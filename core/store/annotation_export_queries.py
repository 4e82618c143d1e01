"""Labels on their way out: the current rows of the journal, as they are or with the sessions they speak of."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.store.frames import read_rows, read_value
from core.store.warehouse import Warehouse

SESSIONS_AT_ONCE = 2000

_TIME = "strftime(a.created_at, '%Y-%m-%dT%H:%M:%S.%f')"
_CURRENT = f"""
    SELECT a.target_kind, a.event_id, a.session_id, a.intent, a.annotator, {_TIME} AS created_at, a.status,
        a.lead_time_ms, a.note, a.client_id, a.suggestion, a.guideline_version
    FROM current_annotations AS a WHERE a.status <> 'undone' ORDER BY a.sequence
"""
_WORDS = r"""trim(regexp_replace(concat_ws(' · ', e.query, e.text, coalesce(i.title, e.item_id),
    coalesce(e.brand, i.brand), e.price::DECIMAL(18, 2) || coalesce(' ' || e.currency, '')), '\s+', ' ', 'g'))"""
_SESSIONS = f"""
    WITH labels AS (
        SELECT coalesce(e.session_id, a.session_id) AS session_id, a.sequence, a.target_kind, a.event_id, a.intent,
            a.annotator, {_TIME} AS created_at, a.status, a.lead_time_ms, a.note, a.client_id, a.suggestion,
            a.guideline_version
        FROM current_annotations AS a LEFT JOIN events AS e USING (event_id) WHERE a.status <> 'undone'
    ), labelled AS (
        SELECT session_id, list(struct_pack(target_kind, event_id, intent, annotator, created_at, status, lead_time_ms,
            note, client_id, suggestion, guideline_version) ORDER BY sequence) AS labels
        FROM labels GROUP BY session_id
    ), shown AS (
        SELECT e.session_id, any_value(e.visitor_id) AS visitor_id,
            list(e.event_id ORDER BY e.occurred_at, e.event_id) AS event_ids,
            list(e.event_type ORDER BY e.occurred_at, e.event_id) AS types,
            list({_WORDS} ORDER BY e.occurred_at, e.event_id) AS words
        FROM events AS e JOIN labelled USING (session_id) LEFT JOIN items AS i USING (item_id) GROUP BY e.session_id
    )
    SELECT to_json(struct_pack(session_id := l.session_id, visitor_id := s.visitor_id,
        event_ids := coalesce(s.event_ids, []), types := coalesce(s.types, []), words := coalesce(s.words, []),
        labels := l.labels))::VARCHAR
    FROM labelled AS l LEFT JOIN shown AS s USING (session_id) ORDER BY l.session_id
"""
_COPY_OPTIONS = {"jsonl": "FORMAT json", "csv": "FORMAT csv, HEADER", "parquet": "FORMAT parquet, COMPRESSION zstd"}


def copy_annotations(warehouse: Warehouse, path: Path, kind: str) -> int:
    """Write the current annotations, one row each, as `jsonl`, `csv` or `parquet`; returns how many.

    created_at is text such as 2026-10-01T09:30:00.000000 in all three, so that they hold the same.
    """
    target = str(path).replace("'", "''")
    with warehouse.cursor() as cursor:
        rows = cursor.execute(f"COPY ({_CURRENT}) TO '{target}' ({_COPY_OPTIONS[kind]})").fetchall()
    return int(rows[0][0])


def labelled_sessions(warehouse: Warehouse) -> Iterator[dict[str, Any]]:
    """Every session that carries a label, by session_id, a few at a time in memory.

    Keys: session_id, visitor_id, event_ids, types and words (one entry an event, in order; empty where the session is
    not in the warehouse), labels (the rows of copy_annotations without their session_id). A label of an event stands
    at the session that the event belongs to now.
    """
    with warehouse.cursor() as cursor:
        cursor.execute(_SESSIONS)
        while rows := cursor.fetchmany(SESSIONS_AT_ONCE):
            for (session,) in rows:
                yield json.loads(session)


def count_current_annotations(warehouse: Warehouse, *, with_skipped: bool = True) -> int:
    """How many annotations an export writes, those that give no intent to train on among them or not."""
    query = """
        SELECT count(*) FROM current_annotations
        WHERE status <> 'undone' AND ($1 OR (intent IS NOT NULL AND status IN ('submitted', 'gold')))
    """
    return int(read_value(warehouse, query, [with_skipped]))


def used_intents(warehouse: Warehouse) -> list[str]:
    """The ids of all intents that a current annotation gives, in the alphabet's order."""
    query = """
        SELECT DISTINCT intent FROM current_annotations WHERE status <> 'undone' AND intent IS NOT NULL ORDER BY intent
    """
    return [str(intent) for (intent,) in read_rows(warehouse, query)]


def current_annotators(warehouse: Warehouse) -> list[str]:
    """Everybody who gave a current annotation, in the alphabet's order."""
    query = "SELECT DISTINCT annotator FROM current_annotations WHERE status <> 'undone' ORDER BY annotator"
    return [str(annotator) for (annotator,) in read_rows(warehouse, query)]
