"""Rows of registered models; what they mean is core.registry's business."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from core.store.frames import read_rows
from core.store.warehouse import Warehouse


@dataclass(frozen=True)
class ModelRow:
    """A registered model; `record` holds everything else as JSON (intents among it)."""

    model_id: str
    kind: str
    status: str
    created_at: datetime
    promoted_at: datetime | None
    record: dict[str, Any]


def list_models(warehouse: Warehouse) -> list[ModelRow]:
    """All models, newest first."""
    query = """
        SELECT model_id, kind, status, created_at, promoted_at, record FROM models ORDER BY created_at DESC, model_id
    """
    return [
        ModelRow(model_id, kind, status, created_at, promoted_at, json.loads(record))
        for model_id, kind, status, created_at, promoted_at, record in read_rows(warehouse, query)
    ]


def insert_model(warehouse: Warehouse, row: ModelRow) -> None:
    """Add a model, replacing one of the same id."""
    values = [row.model_id, row.kind, row.status, row.created_at, row.promoted_at, json.dumps(row.record)]

    def change(cursor: duckdb.DuckDBPyConnection) -> None:
        cursor.execute("DELETE FROM models WHERE model_id = ?", [row.model_id]).fetchall()
        cursor.execute("INSERT INTO models VALUES (?, ?, ?, ?, ?, ?)", values).fetchall()
        warehouse.changed("models", [row.model_id])

    warehouse.write(change)


def set_champion(warehouse: Warehouse, model_id: str, at: datetime) -> None:
    """Make one model the champion and the present champion a challenger, in one transaction."""

    def change(cursor: duckdb.DuckDBPyConnection) -> None:
        cursor.execute("UPDATE models SET status = 'challenger' WHERE status = 'champion'").fetchall()
        cursor.execute(
            "UPDATE models SET status = 'champion', promoted_at = ? WHERE model_id = ?", [at, model_id]
        ).fetchall()
        warehouse.changed("models", [model_id])

    warehouse.write(change)
