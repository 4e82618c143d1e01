"""The alarms that rang and the thresholds they ring by, kept in the warehouse."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from core.store.frames import read_rows, read_value
from core.store.ingest_queries import new_id
from core.store.warehouse import Warehouse


@dataclass(frozen=True)
class AlarmRow:
    """One alarm; times are naive UTC, `numbers` are those of its beginning, `ending` says why it ended."""

    alarm_id: str
    rule: str
    began_at: datetime
    ended_at: datetime | None
    ending: str | None
    numbers: dict[str, Any]
    acknowledged_at: datetime | None


def append_alarm_settings(warehouse: Warehouse, settings: dict[str, Any]) -> None:
    """Keep the thresholds; the newest row counts, the others tell what counted before."""
    values = [json.dumps(settings), warehouse.clock()]
    insert = "INSERT INTO alarm_settings SELECT nextval('alarm_settings_sequence'), ?, ?"
    warehouse.write(lambda cursor: cursor.execute(insert, values).fetchall())


def newest_alarm_settings(warehouse: Warehouse) -> dict[str, Any] | None:
    """The thresholds that count; None while nobody chose any."""
    text = read_value(warehouse, "SELECT settings FROM alarm_settings ORDER BY sequence DESC LIMIT 1")
    values: dict[str, Any] | None = None if text is None else json.loads(text)
    return values


def begin_alarm(warehouse: Warehouse, rule: str, began_at: datetime, numbers: dict[str, Any]) -> str:
    """Record that an alarm rings; returns its alarm_id."""
    alarm_id = new_id("alarm")
    values = [alarm_id, rule, began_at, json.dumps(numbers)]
    insert = "INSERT INTO alarms VALUES (?, ?, ?, NULL, NULL, ?, NULL)"
    warehouse.write(lambda cursor: cursor.execute(insert, values).fetchall())
    return alarm_id


def end_alarms(warehouse: Warehouse, ended_at: datetime, ending: str, rule: str | None = None) -> int:
    """Record that what still rings by this rule, or by any, has ended; returns how many."""

    def change(cursor: duckdb.DuckDBPyConnection) -> int:
        update = """
            UPDATE alarms SET ended_at = $1, ending = $2 WHERE ended_at IS NULL AND ($3 IS NULL OR rule = $3)"""
        return int(cursor.execute(update, [ended_at, ending, rule]).fetchall()[0][0])

    return warehouse.write(change)


def acknowledge_alarm(warehouse: Warehouse, alarm_id: str) -> bool:
    """Record that somebody saw it, now, unless somebody has; False where there is none of that id."""
    now = warehouse.clock()

    def change(cursor: duckdb.DuckDBPyConnection) -> bool:
        update = "UPDATE alarms SET acknowledged_at = coalesce(acknowledged_at, ?) WHERE alarm_id = ?"
        return bool(cursor.execute(update, [now, alarm_id]).fetchall()[0][0])

    return warehouse.write(change)


def list_alarms(warehouse: Warehouse, limit: int = 100) -> list[AlarmRow]:
    """The alarms, newest first."""
    query = """
        SELECT alarm_id, rule, began_at, ended_at, ending, numbers, acknowledged_at FROM alarms
        ORDER BY began_at DESC, alarm_id LIMIT ?"""
    rows = read_rows(warehouse, query, [limit])
    return [
        AlarmRow(alarm_id, rule, began_at, ended_at, ending, json.loads(numbers), acknowledged_at)
        for alarm_id, rule, began_at, ended_at, ending, numbers, acknowledged_at in rows
    ]
