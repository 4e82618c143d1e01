"""Rows of runs, so that they can be listed and found after a restart; their files stay in the run folder."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from core.store.frames import read_rows
from core.store.warehouse import Warehouse


@dataclass(frozen=True)
class RunRow:
    """A training or scoring run as recorded."""

    run_id: str
    kind: str
    status: str
    created_at: datetime
    record: dict[str, Any]


def list_runs(warehouse: Warehouse) -> list[RunRow]:
    """All runs, newest first."""
    query = "SELECT run_id, kind, status, created_at, record FROM runs ORDER BY created_at DESC, run_id"
    return [
        RunRow(run_id, kind, status, created_at, json.loads(record))
        for run_id, kind, status, created_at, record in read_rows(warehouse, query)
    ]


def upsert_run(warehouse: Warehouse, row: RunRow) -> None:
    """Add a run or replace what was recorded of it."""
    values = [row.run_id, row.kind, row.status, row.created_at, json.dumps(row.record)]

    def change(cursor: duckdb.DuckDBPyConnection) -> None:
        cursor.execute("DELETE FROM runs WHERE run_id = ?", [row.run_id]).fetchall()
        cursor.execute("INSERT INTO runs VALUES (?, ?, ?, ?, ?)", values).fetchall()

    warehouse.write(change)
