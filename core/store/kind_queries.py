"""Kinds of sessions: what a pretraining found alike without a label, for the label queue `plain`."""

from pathlib import Path

import duckdb

from core.store.frames import read_rows
from core.store.warehouse import Warehouse


def replace_kinds(warehouse: Warehouse, parquet: Path) -> int:
    """Store what a pretraining found in place of what was there; returns the number of sessions.

    Args:
        parquet: columns session_id, kind, sureness.
    """

    def change(cursor: duckdb.DuckDBPyConnection) -> int:
        cursor.execute("DELETE FROM session_kinds").fetchall()
        rows = cursor.execute(
            "INSERT INTO session_kinds SELECT session_id, kind, sureness FROM read_parquet(?)", [str(parquet)]
        ).fetchall()
        return int(rows[0][0])

    return warehouse.write(change)


def has_kinds(warehouse: Warehouse) -> bool:
    """Whether a pretraining has sorted sessions into kinds."""
    return bool(read_rows(warehouse, "SELECT 1 FROM session_kinds LIMIT 1"))
