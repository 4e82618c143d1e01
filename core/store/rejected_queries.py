"""Rows that could not become events, kept with their reason."""

from collections.abc import Sequence

import duckdb
import pandas as pd
import pyarrow as pa

from core.store.frames import read_frame
from core.store.warehouse import Warehouse


def list_rejected(
    warehouse: Warehouse, import_id: str | None = None, limit: int = 100, offset: int = 0
) -> pd.DataFrame:
    """Rejected rows, newest import first, in the order of their file."""
    query = """
        SELECT r.* FROM rejected_events AS r LEFT JOIN imports AS i USING (import_id)
        WHERE $1 IS NULL OR r.import_id = $1
        ORDER BY coalesce(i.started_at, r.rejected_at) DESC, row_number, rejected_id LIMIT $2 OFFSET $3
    """
    return read_frame(warehouse, query, [import_id, limit, offset])


def rejected_reasons(warehouse: Warehouse, import_id: str | None = None) -> pd.DataFrame:
    """Columns reason, rows, example: how often each reason occurred, most frequent first."""
    query = """
        SELECT reason, count(*) AS rows, any_value(coalesce(field || ' = ' || value, raw)) AS example
        FROM rejected_events WHERE $1 IS NULL OR import_id = $1 GROUP BY reason ORDER BY rows DESC, reason
    """
    return read_frame(warehouse, query, [import_id])


_SHIFT = """
    UPDATE rejected_events SET row_number = rejected_events.row_number + shifts.left_out
    FROM (SELECT rejected_id, left_out FROM rejected_events AS r ASOF JOIN left_out_rows AS l
          ON r.row_number > l.given_before WHERE r.import_id = ?) AS shifts
    WHERE rejected_events.rejected_id = shifts.rejected_id
"""


def count_left_out_rows(warehouse: Warehouse, import_id: str, left_out: Sequence[int]) -> None:
    """Count the rows that a reader left out (`left_out`, their numbers in order) in an import's row numbers too.

    A reader numbers only the rows it gives; which were unreadable or blank is known at the end.
    """
    counts = {number - count: count for count, number in enumerate(left_out, start=1)}
    columns = (pa.array(counts.keys(), pa.int64()), pa.array(counts.values(), pa.int64()))
    shifts = pa.table(dict(zip(("given_before", "left_out"), columns, strict=True)))

    def change(cursor: duckdb.DuckDBPyConnection) -> None:
        cursor.register("left_out_rows", shifts)
        try:
            cursor.execute(_SHIFT, [import_id]).fetchall()
        finally:
            cursor.unregister("left_out_rows")

    warehouse.write(change)
