"""What learning while labeling reads and keeps: its options, and the labels that a training did not know."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from core.store.frames import read_row, read_rows
from core.store.warehouse import Warehouse

_LABELS = """
    SELECT target_kind, session_id, event_id, intent, annotator, status, received_at FROM training_labels"""
"""The labels that train, as a snapshot takes them."""


@dataclass(frozen=True)
class LearningOptionsRow:
    """One choice of the options; the newest counts."""

    enabled: bool
    first_per_intent: int
    every: int
    changed_by: str
    changed_at: datetime


def append_learning_options(warehouse: Warehouse, row: LearningOptionsRow) -> None:
    """Keep a choice; durable when this returns."""
    values = [row.enabled, row.first_per_intent, row.every, row.changed_by, row.changed_at]

    def change(cursor: duckdb.DuckDBPyConnection) -> None:
        cursor.execute(
            "INSERT INTO learning_options SELECT nextval('learning_options_sequence'), ?, ?, ?, ?, ?", values
        ).fetchall()

    warehouse.write(change)


def newest_learning_options(warehouse: Warehouse) -> LearningOptionsRow | None:
    """The choice that counts; None while nobody chose."""
    query = """
        SELECT enabled, first_per_intent, every, changed_by, changed_at FROM learning_options
        ORDER BY sequence DESC LIMIT 1"""
    row = read_row(warehouse, query)
    return None if row is None else LearningOptionsRow(*row)


def labelled_sessions(warehouse: Warehouse) -> tuple[dict[str, int], int]:
    """Sessions with a label that trains: by intent, and how many in all; labelled events count by their session."""
    by_intent = f"SELECT intent, count(DISTINCT session_id) FROM ({_LABELS}) GROUP BY intent ORDER BY intent"
    whole = f"SELECT count(DISTINCT session_id) FROM ({_LABELS})"
    return dict(read_rows(warehouse, by_intent)), int(read_rows(warehouse, whole)[0][0])


def sessions_labelled_since(warehouse: Warehouse, since: datetime) -> int:
    """Sessions with a label that trains and was received later than `since` (naive UTC)."""
    query = f"SELECT count(DISTINCT session_id) FROM ({_LABELS}) WHERE received_at > ?"
    return int(read_rows(warehouse, query, [since])[0][0])


def sessions_not_in_snapshot(warehouse: Warehouse, annotations: Path) -> int:
    """Sessions with a label that trains and that a snapshot's annotations.parquet does not hold.

    Labels are compared, not times: one taken back and given again is nothing new.
    """
    columns = "target_kind, session_id, event_id, intent, annotator, status"
    query = f"""
        SELECT count(DISTINCT session_id) FROM (
            SELECT {columns} FROM ({_LABELS}) EXCEPT SELECT {columns} FROM read_parquet(?))"""
    return int(read_rows(warehouse, query, [str(annotations)])[0][0])


def labelled_among(warehouse: Warehouse, session_ids: list[str]) -> set[str]:
    """Those of the sessions of which anybody said anything that still stands, an answer or a doubt."""
    query = """
        SELECT DISTINCT session_id FROM current_annotations
        WHERE list_contains(?::VARCHAR[], session_id) AND status NOT IN ('undone', 'skipped')"""
    return {row[0] for row in read_rows(warehouse, query, [session_ids])}
