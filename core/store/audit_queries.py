"""The audit journal: who did what that changes what others see; rows are only added."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from core.store.frames import read_rows
from core.store.warehouse import Warehouse


@dataclass(frozen=True)
class AuditRow:
    """One act; times are naive UTC, details are the act's own."""

    at_time: datetime
    actor: str
    action: str
    subject: str
    details: dict[str, Any]


def append_audit(warehouse: Warehouse, row: AuditRow) -> None:
    """Add an act; durable when this returns."""
    details = json.dumps(row.details, ensure_ascii=False, default=str)

    def change(cursor: duckdb.DuckDBPyConnection) -> None:
        values = [row.at_time, row.actor, row.action, row.subject, details]
        cursor.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?)", values).fetchall()

    warehouse.write(change)


def list_audit(warehouse: Warehouse, subject: str | None = None, limit: int = 100) -> list[AuditRow]:
    """The newest acts first, all or those on one subject."""
    query = """
        SELECT at_time, actor, action, subject, details FROM audit WHERE $1 IS NULL OR subject = $1
        ORDER BY at_time DESC LIMIT $2
    """
    rows = read_rows(warehouse, query, [subject, limit])
    return [AuditRow(at, actor, action, of, json.loads(details)) for at, actor, action, of, details in rows]
