"""The journal of annotations read back: who said what when, what it took the place of, and back to an earlier one."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pandas as pd

from core.errors import InvalidAnnotationError, NotFoundError
from core.intents.annotations import Annotation, Status, submit_annotations
from core.store.audit_queries import AuditRow, append_audit
from core.store.frames import read_frame, read_row, read_rows, read_value
from core.store.warehouse import Warehouse

_COLUMNS = (
    "annotation_id, client_id, target_kind, session_id, event_id, intent, annotator, created_at, lead_time_ms, status, "
    "note"
)
_CONDITIONS = {
    "annotator": "annotator = $annotator",
    "intent": "$intent IN (intent, given_intent)",
    "status": "status = $status",
    "session_contains": "contains(lower(session_id), lower($session_contains))",
    "start": "created_at >= $start",
    "end": "created_at < $end",
    "current": "(sequence IN (SELECT sequence FROM current_annotations)) = $current",
}


@dataclass(frozen=True)
class HistoryFilter:
    """Which rows of the journal to list; None means any. `current`: what stands (True), what was superseded (False)."""

    annotator: str | None = None
    intent: str | None = None
    status: Status | None = None
    session_contains: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    current: bool | None = None


def list_history(warehouse: Warehouse, wanted: HistoryFilter, limit: int | None = 50, offset: int = 0) -> pd.DataFrame:
    """Rows of the journal, the newest first; all of them with `limit` None.

    Columns: annotation_id, created_at, annotator, target_kind, session_id, event_id, visitor_id, intent, status,
    lead_time_ms, note, suggested, suggestion_score, suggestion_agent, suggestion_shown (False: nobody saw it),
    suggestion_planted (wrong on purpose), suggestion_accepted (the label says the same, seen or not),
    suggestion_latency_ms (from card to label), guideline_version, supersedes, before_intent, before_status (of what it
    took the place of), is_current, given_intent (as it was said; `intent` and `before_intent` are what it counts as
    since intents were merged).
    """
    where, parameters = _where(wanted)
    query = f"""
        WITH page AS (
            SELECT * FROM resolved_annotations WHERE {where} ORDER BY sequence DESC LIMIT $limit OFFSET $offset
        ), chain AS (
            SELECT sequence, lag(intent) OVER w AS before_intent, lag(status) OVER w AS before_status,
                lead(sequence) OVER w IS NULL AS is_current
            FROM resolved_annotations WHERE session_id IN (SELECT session_id FROM page)
            WINDOW w AS (PARTITION BY target_kind, session_id, event_id, annotator ORDER BY sequence)
        )
        SELECT annotation_id, created_at, annotator, target_kind, page.session_id, event_id, s.visitor_id, intent,
            status, lead_time_ms, note, suggestion ->> '$.value' AS suggested,
            suggestion ->> '$.agent' AS suggestion_agent,
            TRY_CAST(suggestion ->> '$.score' AS DOUBLE) AS suggestion_score,
            if(suggestion IS NULL, NULL, suggestion ->> '$.shown_at' IS NOT NULL) AS suggestion_shown,
            TRY_CAST(suggestion ->> '$.planted' AS BOOLEAN) AS suggestion_planted,
            TRY_CAST(suggestion ->> '$.accepted' AS BOOLEAN) AS suggestion_accepted,
            TRY_CAST(suggestion ->> '$.latency_ms' AS BIGINT) AS suggestion_latency_ms, guideline_version, supersedes,
            before_intent, before_status, is_current, given_intent
        FROM page JOIN chain USING (sequence) LEFT JOIN sessions AS s ON s.session_id = page.session_id
        ORDER BY sequence DESC
    """
    return read_frame(warehouse, query, parameters | {"limit": limit, "offset": offset})


def count_history(warehouse: Warehouse, wanted: HistoryFilter) -> int:
    """How many rows of the journal the filter lets through."""
    where, parameters = _where(wanted)
    return int(read_value(warehouse, f"SELECT count(*) FROM resolved_annotations WHERE {where}", parameters))


def list_annotators(warehouse: Warehouse) -> list[str]:
    """Everyone who ever wrote to the journal, by name."""
    query = "SELECT DISTINCT annotator FROM annotations ORDER BY annotator"
    return [str(name) for (name,) in read_rows(warehouse, query)]


def restore_annotation(warehouse: Warehouse, annotation_id: str, *, by: str) -> bool:
    """Let an earlier annotation stand again, as a new row that supersedes the present one; the audit says who did it.

    Returns:
        False where it stands already.

    Raises:
        NotFoundError: there is none of that id.
        InvalidAnnotationError: it took something back, so there is nothing in it to restore.
        UnknownIntentError: the taxonomy never had its intent.
    """
    row = read_row(warehouse, f"SELECT {_COLUMNS} FROM annotations WHERE annotation_id = ?", [annotation_id])
    if row is None:
        raise NotFoundError(f"There is no annotation '{annotation_id}' in the journal; reload the page.")
    earlier = Annotation(*row)
    if earlier.status == "undone":
        raise InvalidAnnotationError(
            f"'{annotation_id}' took an annotation back and says nothing itself; restore the row it took back."
        )
    current = _current_id(warehouse, earlier)
    if current == annotation_id:
        return False
    now = warehouse.clock()
    if not submit_annotations(warehouse, [restored(earlier, current, now)]):
        return False
    details = {"session_id": earlier.session_id, "annotator": earlier.annotator, "in_place_of": current}
    append_audit(warehouse, AuditRow(now, by, "restore_annotation", annotation_id, details))
    return True


def restored(earlier: Annotation, current_id: str, now: datetime) -> Annotation:
    """An earlier annotation as a new row in place of the current one; the same again is the same row.

    It carries neither lead time nor suggestion: nobody looked at the session anew.
    """
    new_id = f"restored:{earlier.annotation_id}:{current_id}"
    return replace(earlier, annotation_id=new_id, client_id=new_id, created_at=now, lead_time_ms=None)


def _current_id(warehouse: Warehouse, annotation: Annotation) -> str:
    query = """
        SELECT annotation_id FROM current_annotations
        WHERE target_kind = ? AND session_id = ? AND event_id IS NOT DISTINCT FROM ? AND annotator = ?
    """
    target = [annotation.target_kind, annotation.session_id, annotation.event_id, annotation.annotator]
    return str(read_value(warehouse, query, target))


def _where(wanted: HistoryFilter) -> tuple[str, dict[str, Any]]:
    given = {name: getattr(wanted, name) for name in _CONDITIONS if getattr(wanted, name) is not None}
    return " AND ".join(_CONDITIONS[name] for name in given) or "true", given
