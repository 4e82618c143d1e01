"""One intent for many sessions at once: looked at before, durable as a whole, counted once, and taken back exactly.

A batch writes an ordinary annotation a session into the journal. Its client_id, `bulk:BATCH:0:SESSION`, tells it from
a label somebody gave after looking (core.store.bulk_labels). Taking a batch back lets what stood before stand again,
by rows `bulk:BATCH:BATCH:SESSION` where nothing did, `undo:BATCH:SESSION` for a single label, and
`bulk:EARLIER:BATCH:SESSION` for a label of an earlier batch.
"""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

import duckdb
import pandas as pd
import pyarrow as pa

from core.errors import InvalidAnnotationError, NotFoundError, UnknownIntentError
from core.intents.taxonomy import current_version, load_taxonomy
from core.store.bulk_labels import BULK_PREFIX, IS_BULK
from core.store.frames import read_frame, read_rows
from core.store.warehouse import Warehouse

How = Literal["filter", "sql", "like", "map"]
Scope = Literal["unlabeled", "careful", "all"]
"""Which of the chosen sessions are labelled: those nobody has labelled; all but those the annotator labelled one by
one; all. Gold of the annotator's own always stays."""

SCOPES: tuple[Scope, ...] = get_args(Scope)
MOST_SESSIONS = 200_000
"""Of one batch: it is one transaction, and other writes wait for it (about two seconds)."""

_ELIGIBLE = {
    "unlabeled": "standing = 'free'",
    "careful": "standing IN ('free', 'others', 'mine_in_bulk')",
    "all": "standing <> 'gold'",
}

_CHOSEN = f"""
    WITH mine AS (
        SELECT session_id, annotation_id, intent, status, {IS_BULK} AS bulk FROM current_annotations
        WHERE target_kind = 'session' AND annotator = $annotator AND status <> 'undone'
    ), others AS (
        SELECT DISTINCT session_id FROM current_annotations
        WHERE intent IS NOT NULL AND status <> 'undone' AND (annotator <> $annotator OR target_kind = 'event')
    ), chosen AS (
        SELECT s.session_id, m.annotation_id, m.intent, m.status,
            CASE WHEN m.status = 'gold' THEN 'gold'
                WHEN m.status <> 'skipped' AND NOT m.bulk THEN 'mine'
                WHEN m.status <> 'skipped' THEN 'mine_in_bulk'
                WHEN o.session_id IS NOT NULL THEN 'others'
                ELSE 'free' END AS standing
        FROM (SELECT DISTINCT session_id FROM chosen_sessions) AS c JOIN sessions AS s USING (session_id)
        LEFT JOIN mine AS m USING (session_id) LEFT JOIN others AS o USING (session_id)
        WHERE NOT s.is_bot
    )
"""

_APPLY = f"""
    INSERT INTO annotations {_CHOSEN}
    SELECT nextval('annotation_sequence'), $prefix || session_id, $prefix || session_id, 'session', session_id, NULL,
        $intent, $annotator, $at_time, $at_time, NULL, 'submitted', NULL, annotation_id, $suggestion, $guideline
    FROM chosen WHERE {{eligible}} AND NOT (coalesce(status, '') = 'submitted' AND coalesce(intent, '') = $intent)
"""

_BATCH_OF = f"""
    CASE WHEN {IS_BULK} AND client_id = '{BULK_PREFIX}' || split_part(client_id, ':', 2) || ':0:' || session_id
        THEN split_part(client_id, ':', 2) END
"""
_IS_UNDO = f"""
    (starts_with(client_id, 'undo:') OR ({IS_BULK} AND split_part(client_id, ':', 3) <> '0'))
"""
_TAKE_BACK = f"""
    INSERT INTO annotations
    WITH undone AS (
        SELECT batch_id FROM annotation_batches WHERE undone_at IS NOT NULL OR batch_id = $batch
    ), standing AS (
        SELECT session_id, annotation_id FROM current_annotations
        WHERE target_kind = 'session' AND annotator = $annotator AND status <> 'undone'
            AND starts_with(client_id, '{BULK_PREFIX}' || $batch || ':')
    ), own AS (
        SELECT *, {_BATCH_OF} AS batch FROM annotations
        WHERE target_kind = 'session' AND annotator = $annotator AND session_id IN (SELECT session_id FROM standing)
            AND NOT {_IS_UNDO}
    ), given AS (
        SELECT session_id, sequence FROM own WHERE batch = $batch
    ), before AS (
        SELECT own.* FROM own JOIN given USING (session_id)
        WHERE own.sequence < given.sequence AND (batch IS NULL OR batch NOT IN (FROM undone))
        QUALIFY row_number() OVER (PARTITION BY own.session_id ORDER BY own.sequence DESC) = 1
    ), restored AS (
        SELECT s.session_id, s.annotation_id, b.* EXCLUDE (session_id, annotation_id),
            b.session_id IS NOT NULL AND b.status <> 'undone' AS found,
            CASE WHEN NOT found THEN '{BULK_PREFIX}' || $batch || ':' || $batch || ':'
                WHEN batch IS NULL THEN 'undo:' || $batch || ':'
                ELSE '{BULK_PREFIX}' || batch || ':' || $batch || ':' END || s.session_id AS new_id
        FROM standing AS s LEFT JOIN before AS b USING (session_id)
    )
    SELECT nextval('annotation_sequence'), new_id, new_id, 'session', session_id, NULL,
        CASE WHEN found THEN intent END, $annotator, CASE WHEN found THEN created_at ELSE $at_time END, $at_time, NULL,
        CASE WHEN found THEN status ELSE 'undone' END, CASE WHEN found THEN note END, annotation_id,
        CASE WHEN found AND batch IS NOT NULL THEN suggestion END, guideline_version
    FROM restored
"""
"""What stood before is the newest row below the batch's own that neither an undo wrote nor a batch that was taken back
itself. Its time stays; its lead time and its suggestion stay with the row that it was given in."""


@dataclass(frozen=True)
class Selection:
    """The sessions a batch is about, frozen when they were looked at.

    how: by what they were chosen; told: that choice in full, as JSON values, for the journal of batches.
    """

    how: How
    session_ids: tuple[str, ...]
    told: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Batch:
    """One act of labeling; the same batch_id again changes nothing."""

    batch_id: str
    selection: Selection
    intent: str
    annotator: str
    scope: Scope = "unlabeled"


@dataclass(frozen=True)
class BatchRecord:
    """A batch that was applied.

    chosen: sessions looked at; labeled: those that got the label. taken_back, kept: at its undo, and which of them
    somebody had labelled anew meanwhile.
    """

    batch_id: str
    annotator: str
    intent: str
    how: How
    selection: dict[str, Any]
    scope: Scope
    chosen: int
    labeled: int
    applied_at: datetime
    undone_at: datetime | None = None
    undone_by: str | None = None
    taken_back: int | None = None
    kept: int | None = None


@dataclass(frozen=True)
class BulkPreview:
    """What a batch would meet.

    sessions: of the selection that are there and no bot's. would_label: by scope, before an intent is chosen.
    said: columns annotator, intent, in_bulk, sessions: who has labelled any of them as what, most first.
    """

    sessions: int
    would_label: dict[Scope, int]
    said: pd.DataFrame


def new_batch_id() -> str:
    """The id of an act of labeling, made when it is offered."""
    return uuid.uuid4().hex


def check_size(sessions: int) -> None:
    """Refuse a selection that is empty or too large for one batch.

    Raises:
        InvalidAnnotationError: it is.
    """
    if not sessions:
        raise InvalidAnnotationError("The selection is empty, expected at least one session; choose some first.")
    if sessions > MOST_SESSIONS:
        raise InvalidAnnotationError(
            f"The selection has {sessions:,} sessions, expected at most {MOST_SESSIONS:,} in one batch; "
            "narrow it, or label it in parts."
        )


def preview_batch(warehouse: Warehouse, session_ids: Sequence[str], *, annotator: str) -> BulkPreview:
    """What is known of these sessions already, as of now; nothing is written."""
    counts = f"{_CHOSEN} SELECT standing, count(*) FROM chosen GROUP BY standing"
    said = f"""
        SELECT annotator, intent, {IS_BULK} AS in_bulk, count(DISTINCT session_id) AS sessions
        FROM current_annotations WHERE status <> 'undone' AND intent IS NOT NULL
            AND session_id IN (SELECT session_id FROM chosen_sessions)
        GROUP BY ALL ORDER BY sessions DESC, annotator, intent
    """
    with warehouse.cursor() as cursor:
        cursor.register("chosen_sessions", _table(session_ids))
        standing = dict(cursor.execute(counts, {"annotator": annotator}).fetchall())
        people = cursor.execute(said).df()
    free, careful = standing.get("free", 0), standing.get("others", 0) + standing.get("mine_in_bulk", 0)
    whole: dict[Scope, int] = {
        "unlabeled": free,
        "careful": free + careful,
        "all": free + careful + standing.get("mine", 0),
    }
    return BulkPreview(sum(standing.values()), whole, people)


def apply_batch(warehouse: Warehouse, batch: Batch) -> BatchRecord:
    """Label the sessions of a selection; all of it is on disk when this returns or, on an error, nothing.

    What was labelled since the selection was looked at is respected: the scope is judged anew. Sessions that the
    annotator has given this intent already stay as they are.

    Raises:
        UnknownIntentError: an intent the taxonomy does not have.
        InvalidAnnotationError: no annotator, an unknown scope, or an empty or too large selection.
    """
    _check(warehouse, batch)
    now, table = warehouse.clock(), _table(batch.selection.session_ids)
    values = {
        "annotator": batch.annotator,
        "prefix": f"{BULK_PREFIX}{batch.batch_id}:0:",
        "intent": batch.intent,
        "at_time": now,
        "suggestion": json.dumps({"agent": f"bulk:{batch.selection.how}"}),
        "guideline": current_version(warehouse).guideline_version,
    }

    def change(cursor: duckdb.DuckDBPyConnection) -> None:
        if _find(cursor, batch.batch_id) is not None:
            return
        cursor.register("chosen_sessions", table)
        try:
            labeled = cursor.execute(_APPLY.format(eligible=_ELIGIBLE[batch.scope]), values).fetchall()[0][0]
        finally:
            cursor.unregister("chosen_sessions")
        row: list[Any] = [
            batch.batch_id,
            batch.annotator,
            batch.intent,
            batch.selection.how,
            json.dumps(batch.selection.told),
        ]
        row += [batch.scope, table.num_rows, labeled, now, None, None, None, None]
        cursor.execute(f"INSERT INTO annotation_batches VALUES ({', '.join('?' * len(row))})", row).fetchall()

    warehouse.write(change)
    return get_batch(warehouse, batch.batch_id)


def undo_batch(warehouse: Warehouse, batch_id: str, *, by: str) -> BatchRecord:
    """Take a whole batch back: every session is as it was, but those labelled anew since, which stay.

    Undoing again changes nothing.

    Raises:
        NotFoundError: there is no such batch.
    """
    get_batch(warehouse, batch_id)
    now = warehouse.clock()

    def change(cursor: duckdb.DuckDBPyConnection) -> None:
        found = _find(cursor, batch_id)
        if found is None or found.undone_at is not None:
            return
        values = {"batch": batch_id, "annotator": found.annotator, "at_time": now}
        taken_back = int(cursor.execute(_TAKE_BACK, values).fetchall()[0][0])
        row = [now, by, taken_back, found.labeled - taken_back, batch_id]
        cursor.execute(
            "UPDATE annotation_batches SET undone_at = ?, undone_by = ?, taken_back = ?, kept = ? WHERE batch_id = ?",
            row,
        ).fetchall()

    warehouse.write(change)
    return get_batch(warehouse, batch_id)


def get_batch(warehouse: Warehouse, batch_id: str) -> BatchRecord:
    """One batch.

    Raises:
        NotFoundError: there is none of that id.
    """
    with warehouse.cursor() as cursor:
        found = _find(cursor, batch_id)
    if found is None:
        raise NotFoundError(f"There is no batch '{batch_id}'; the list of batches shows those there are.")
    return found


def list_batches(warehouse: Warehouse, limit: int = 50) -> list[BatchRecord]:
    """The newest batches first."""
    rows = read_rows(warehouse, "FROM annotation_batches ORDER BY applied_at DESC, batch_id LIMIT ?", [limit])
    return [_record(row) for row in rows]


def sample_of(warehouse: Warehouse, session_ids: Sequence[str], wanted: int) -> pd.DataFrame:
    """Some of these sessions, drawn by their hash: session_id, visitor_id, started_at, event_count, first_query,
    has_cart, has_purchase, device."""
    query = """
        SELECT session_id, visitor_id, started_at, event_count, first_query, has_cart, has_purchase, device
        FROM sessions WHERE NOT is_bot AND session_id IN (SELECT unnest(?::VARCHAR[]))
        ORDER BY hash(session_id), session_id LIMIT ?
    """
    return read_frame(warehouse, query, [list(session_ids), wanted])


def _check(warehouse: Warehouse, batch: Batch) -> None:
    known = [intent.id for intent in load_taxonomy(warehouse)]
    if batch.intent not in known:
        raise UnknownIntentError(
            f"'{batch.intent}' is not an intent of the taxonomy, expected one of {', '.join(known)}."
        )
    if not batch.annotator.strip():
        raise InvalidAnnotationError("annotator is empty, expected a name.")
    if batch.scope not in SCOPES:
        raise InvalidAnnotationError(f"scope is '{batch.scope}', expected one of {', '.join(SCOPES)}.")
    if not batch.batch_id.isalnum():
        raise InvalidAnnotationError(f"batch_id is '{batch.batch_id}', expected letters and digits only.")
    check_size(len(batch.selection.session_ids))


def _table(session_ids: Sequence[str]) -> pa.Table:
    return pa.table({"session_id": pa.array(list(session_ids), type=pa.string())})


def _find(cursor: duckdb.DuckDBPyConnection, batch_id: str) -> BatchRecord | None:
    rows = cursor.execute("FROM annotation_batches WHERE batch_id = ?", [batch_id]).fetchall()
    return _record(rows[0]) if rows else None


def _record(row: tuple[Any, ...]) -> BatchRecord:
    batch_id, annotator, intent, how, selection, *rest = row
    return BatchRecord(batch_id, annotator, intent, how, json.loads(selection), *rest)
