"""Stored predictions: each event's intent probabilities by each scored model."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.parquet as pq

from core.store.frames import read_frame, read_rows, read_value
from core.store.identifiers import one_of
from core.store.replay_queries import REPLAYED_SESSIONS
from core.store.warehouse import Warehouse

_COLUMNS = "p.event_id, p.session_id, p.visitor_id, p.probabilities"


def append_predictions(warehouse: Warehouse, parquet: Path, model_id: str) -> int:
    """Store a scored model's predictions, in place of those it had; returns the number of events.

    Args:
        parquet: columns event_id, session_id, visitor_id, probabilities (list of float); and, where there is one,
            embedding (list of float, null but at each session's last event).
    """
    embedding = "NULL" if "embedding" not in pq.read_schema(parquet).names else "arg_max(f.embedding, place)"
    states = f"""
        INSERT INTO session_states
        SELECT session_id, $model, arg_max(event_id, place), arg_max(probabilities, place), {embedding}
        FROM (SELECT f.*, (e.occurred_at, event_id) AS place
            FROM read_parquet($file) AS f JOIN events AS e USING (event_id)) AS f
        WHERE session_id IS NOT NULL GROUP BY session_id
    """

    def change(cursor: duckdb.DuckDBPyConnection) -> int:
        for name in ("predictions", "session_states"):
            cursor.execute(f"DELETE FROM {name} WHERE model_id = ?", [model_id]).fetchall()
        cursor.execute(states, {"model": model_id, "file": str(parquet)}).fetchall()
        rows = cursor.execute(
            "INSERT INTO predictions SELECT event_id, session_id, visitor_id, ?, probabilities FROM read_parquet(?)",
            [model_id, str(parquet)],
        ).fetchall()
        return int(rows[0][0])

    return warehouse.write(change)


def count_predictions(warehouse: Warehouse, model_id: str) -> int:
    """How many events the model has stored predictions for."""
    return int(read_value(warehouse, "SELECT count(*) FROM predictions WHERE model_id = ?", [model_id]))


def has_states(warehouse: Warehouse, model_id: str) -> bool:
    """Whether the model has scored the sessions."""
    return bool(read_rows(warehouse, "SELECT 1 FROM session_states WHERE model_id = ? LIMIT 1", [model_id]))


def count_unscored(warehouse: Warehouse, model_id: str) -> int:
    """Of how many sessions the model has said nothing: they came after its last scoring, by tracker or file.

    Without bots and replays, which no scoring reads.
    """
    query = f"""
        SELECT count(*) FROM sessions WHERE NOT is_bot AND session_id NOT IN ({REPLAYED_SESSIONS})
            AND session_id NOT IN (SELECT session_id FROM session_states WHERE model_id = ?)
    """
    return int(read_value(warehouse, query, [model_id]))


def forget_predictions(warehouse: Warehouse, model_ids: list[str]) -> None:
    """Drop what these models made of events and sessions; they can score anew."""

    def change(cursor: duckdb.DuckDBPyConnection) -> None:
        for name in ("predictions", "session_states"):
            cursor.execute(f"DELETE FROM {name} WHERE list_contains(?::VARCHAR[], model_id)", [model_ids]).fetchall()

    warehouse.write(change)


def count_states(warehouse: Warehouse) -> dict[str, int]:
    """For each model that has scored, how many sessions have an embedding of it (none, if an older version scored)."""
    query = "SELECT model_id, count(embedding) FROM session_states GROUP BY model_id"
    return dict(read_rows(warehouse, query))


def session_predictions(warehouse: Warehouse, session_id: str, model_id: str) -> pd.DataFrame:
    """Columns event_id, session_id, visitor_id, probabilities, in the order of the events."""
    query = f"""
        SELECT {_COLUMNS} FROM predictions AS p JOIN events AS e USING (event_id)
        WHERE p.session_id = ? AND p.model_id = ? ORDER BY e.occurred_at, e.event_id
    """
    return read_frame(warehouse, query, [session_id, model_id])


def visitor_predictions(
    warehouse: Warehouse,
    visitor_ids: Sequence[str],
    model_id: str,
    start: datetime | None = None,
    end: datetime | None = None,
) -> pd.DataFrame:
    """As session_predictions, for the visitors' events from `start` (inclusive) to `end` (exclusive)."""
    condition, given = one_of("visitor_id", visitor_ids)
    query = f"""
        SELECT {_COLUMNS} FROM predictions AS p JOIN events AS e USING (event_id)
        WHERE p.{condition} AND p.model_id = $model AND ($start IS NULL OR e.occurred_at >= $start)
            AND ($end IS NULL OR e.occurred_at < $end)
        ORDER BY e.occurred_at, e.event_id
    """
    return read_frame(warehouse, query, given | {"model": model_id, "start": start, "end": end})
