"""What trackers and brokers sent lately; files are left out."""

from datetime import datetime

import pandas as pd

from core.store.frames import read_frame, read_value
from core.store.warehouse import Warehouse


def arrivals_by_minute(warehouse: Warehouse, since: datetime) -> pd.DataFrame:
    """Columns minute, source, events, newest: events received from `since` (naive UTC) on, oldest minute first."""
    query = """
        SELECT date_trunc('minute', received_at) AS minute, source, count(*) AS events, max(received_at) AS newest
        FROM events WHERE received_at >= ? AND import_id IS NULL GROUP BY ALL ORDER BY minute, source
    """
    return read_frame(warehouse, query, [since])


def newest_arrival(warehouse: Warehouse, source: str) -> datetime | None:
    """When the newest event of a source was received; reads the whole column."""
    query = "SELECT max(received_at) FROM events WHERE source = ? AND import_id IS NULL"
    found: datetime | None = read_value(warehouse, query, [source])
    return found


def latest_rejected(warehouse: Warehouse, limit: int) -> pd.DataFrame:
    """The refused messages that came last, newest first: rejected_at, source, reason, field, value, raw."""
    query = """
        SELECT rejected_at, source, reason, field, value, raw FROM rejected_events
        WHERE import_id IS NULL ORDER BY rejected_at DESC, row_number LIMIT ?
    """
    return read_frame(warehouse, query, [limit])
