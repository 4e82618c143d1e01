"""Rows that could not become events, kept with their reason."""

import pandas as pd

from core.store.frames import read_frame
from core.store.warehouse import Warehouse


def list_rejected(
    warehouse: Warehouse, import_id: str | None = None, limit: int = 100, offset: int = 0
) -> pd.DataFrame:
    """Rejected rows, newest import first, in the order of their file."""
    query = """
        SELECT * FROM rejected_events WHERE $1 IS NULL OR import_id = $1
        ORDER BY rejected_at DESC, row_number, rejected_id LIMIT $2 OFFSET $3
    """
    return read_frame(warehouse, query, [import_id, limit, offset])


def rejected_reasons(warehouse: Warehouse, import_id: str | None = None) -> pd.DataFrame:
    """Columns reason, rows, example: how often each reason occurred, most frequent first."""
    query = """
        SELECT reason, count(*) AS rows, any_value(coalesce(field || ' = ' || value, raw)) AS example
        FROM rejected_events WHERE $1 IS NULL OR import_id = $1 GROUP BY reason ORDER BY rows DESC, reason
    """
    return read_frame(warehouse, query, [import_id])
