"""Events given in a question, canonical or in Segment's shape, as the frame the model reads."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from app.api.errors import ApiError
from core.events.cleaning import clean_rows
from core.importers.segment import rows_from_segment

UNNAMED_VISITOR = "anonymous"
_SEGMENT_TYPES = frozenset({"track", "page", "screen"})


def frame_of_given_events(events: Sequence[dict[str, Any]], now: datetime) -> pd.DataFrame:
    """One visitor's events, cleaned, sorted by occurred_at and event_id: EVENT_COLUMNS.

    Raises:
        ApiError: 400 naming the first event that cannot be used, or that the events are of several visitors.
    """
    rows: list[dict[str, Any]] = []
    for event in events:
        rows.extend(_rows(event, now))
    batch = clean_rows(rows, source="api", received_at=now)
    for row in batch.rejected.slice(0, 1).to_pylist():
        message = f"Event {row['row_number']} cannot be used ({row['reason']}): {row['field']} is '{row['value']}'."
        raise ApiError(400, "invalid_event", message, field=row["field"], value=row["value"])
    frame: pd.DataFrame = batch.events.to_pandas().sort_values(["occurred_at", "event_id"], ignore_index=True)
    visitors = frame["visitor_id"].unique().tolist()
    if len(visitors) != 1:
        message = f"The events are of {len(visitors)} visitors, expected those of one."
        raise ApiError(400, "invalid_event", message, field="events.visitor_id", value=", ".join(visitors[:3]))
    return frame


def _rows(event: dict[str, Any], now: datetime) -> list[dict[str, Any]]:
    if event.get("type") in _SEGMENT_TYPES and "event_type" not in event:
        named = event if event.get("anonymousId") or event.get("userId") else event | {"anonymousId": UNNAMED_VISITOR}
        return rows_from_segment(named, received_at=now, sent_at=None)
    return [{"visitor_id": UNNAMED_VISITOR} | event]
