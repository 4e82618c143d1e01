"""Annotations: an append-only journal of what annotators said; the current state is a view of it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import duckdb
import pandas as pd

from core.errors import InvalidAnnotationError, UnknownIntentError
from core.intents.taxonomy import load_taxonomy
from core.store.frames import read_frame, read_rows, read_value
from core.store.warehouse import Warehouse

TargetKind = Literal["event", "session"]
Status = Literal["submitted", "skipped", "unsure", "disputed", "gold", "undone"]

TARGET_KINDS = ("event", "session")
STATUSES = ("submitted", "skipped", "unsure", "disputed", "gold", "undone")


@dataclass(frozen=True)
class Annotation:
    """What one annotator said of one session or event; `intent` None abstains.

    client_id: made where the label was given; the same one again changes nothing.
    lead_time_ms: from shown to submitted.
    status: `unsure` is a label its annotator does not stand behind; like `disputed` it neither trains nor measures.
    suggestion: value, score, agent, shown_at, accepted, latency_ms, planted, blind; None where nothing was suggested.
    """

    annotation_id: str
    client_id: str
    target_kind: TargetKind
    session_id: str
    event_id: str | None
    intent: str | None
    annotator: str
    created_at: datetime
    lead_time_ms: int | None = None
    status: Status = "submitted"
    note: str | None = None
    supersedes: str | None = None
    suggestion: dict[str, Any] | None = None
    guideline_version: int | None = None


def submit_annotations(
    warehouse: Warehouse,
    annotations: Sequence[Annotation],
    *,
    where: Callable[[duckdb.DuckDBPyConnection], bool] | None = None,
) -> int:
    """Add annotations to the journal; they are on disk when this returns. All are added or, on an error, none.

    A later annotation of the same annotator for the same target supersedes the earlier one. A client_id that is in
    the journal already is passed over, so sending again after a lost answer is safe.

    Args:
        where: asked in the transaction that adds them; nothing is added if it says no.

    Returns:
        How many were new.

    Raises:
        UnknownIntentError: an intent the taxonomy never had. One that was merged or retired meanwhile is kept as given.
        InvalidAnnotationError: a missing target, an empty annotator or an unknown status.
    """
    known = {intent.id for intent in load_taxonomy(warehouse, inactive=True)}
    for annotation in annotations:
        check_annotation(annotation, known)
    received_at = warehouse.clock()

    def change(cursor: duckdb.DuckDBPyConnection) -> int:
        return _append(cursor, annotations, received_at) if where is None or where(cursor) else 0

    return warehouse.write(change)


def undo_annotation(warehouse: Warehouse, client_id: str, *, annotator: str) -> bool:
    """Take an annotation back by a superseding row; False where it is not there or not the current one any more."""
    now = warehouse.clock()

    def change(cursor: duckdb.DuckDBPyConnection) -> bool:
        rows = cursor.execute(
            "SELECT annotation_id, target_kind, session_id, event_id FROM current_annotations "
            "WHERE client_id = ? AND annotator = ? AND status <> 'undone'",
            [client_id, annotator],
        ).fetchall()
        if not rows:
            return False
        annotation_id, target_kind, session_id, event_id = rows[0]
        undo = Annotation(
            annotation_id=f"{annotation_id}:undo",
            client_id=f"{client_id}:undo",
            target_kind=target_kind,
            session_id=session_id,
            event_id=event_id,
            intent=None,
            annotator=annotator,
            created_at=now,
            status="undone",
        )
        return bool(_append(cursor, [undo], now))

    return warehouse.write(change)


def current_annotations(
    warehouse: Warehouse, session_id: str | None = None, annotator: str | None = None
) -> pd.DataFrame:
    """The newest annotation of each annotator for each target, without those taken back, oldest first.

    `intent` is what the given one counts as now, after merges; `given_intent` what was said.
    """
    query = """
        SELECT annotation_id, client_id, target_kind, session_id, event_id, intent, annotator, created_at, lead_time_ms,
            status, note, supersedes, suggestion, given_intent
        FROM current_annotations
        WHERE status <> 'undone' AND ($1 IS NULL OR session_id = $1) AND ($2 IS NULL OR annotator = $2)
        ORDER BY sequence
    """
    return read_frame(warehouse, query, [session_id, annotator])


def journal_end(warehouse: Warehouse) -> int:
    """The number of the journal's last row; it changes with every label."""
    return int(read_value(warehouse, "SELECT coalesce(max(sequence), 0) FROM annotations"))


def label_progress(warehouse: Warehouse, annotator: str | None = None) -> pd.DataFrame:
    """Columns intent, sessions, events: labelled targets for every intent of the taxonomy, in its order."""
    counts = label_counts(warehouse, annotator)
    rows = [(intent.id, *counts.get(intent.id, (0, 0))) for intent in load_taxonomy(warehouse)]
    return pd.DataFrame(rows, columns=["intent", "sessions", "events"])


def label_counts(warehouse: Warehouse, annotator: str | None = None) -> dict[str, tuple[int, int]]:
    """{intent: (sessions, events)} of the labelled targets; told with every label that is saved, so without a frame."""
    query = """
        SELECT intent, count(DISTINCT session_id) FILTER (target_kind = 'session') AS sessions,
            count(DISTINCT event_id) FILTER (target_kind = 'event') AS events
        FROM current_annotations
        WHERE intent IS NOT NULL AND ($1 IS NULL OR annotator = $1) GROUP BY intent
    """
    return {intent: (sessions, events) for intent, sessions, events in read_rows(warehouse, query, [annotator])}


def check_annotation(annotation: Annotation, known: set[str]) -> None:
    """Refuse an annotation that the journal cannot hold.

    Raises:
        UnknownIntentError, InvalidAnnotationError: as submit_annotations says.
    """
    if annotation.intent is not None and annotation.intent not in known:
        raise UnknownIntentError(
            f"'{annotation.intent}' is not an intent of the taxonomy, expected one of {', '.join(sorted(known))}."
        )
    if annotation.target_kind not in TARGET_KINDS:
        raise InvalidAnnotationError(f"target_kind is '{annotation.target_kind}', expected 'event' or 'session'.")
    if annotation.status not in STATUSES:
        raise InvalidAnnotationError(f"status is '{annotation.status}', expected one of {', '.join(STATUSES)}.")
    for name in ("client_id", "session_id", "annotator"):
        if not getattr(annotation, name):
            raise InvalidAnnotationError(f"{name} is empty, expected a value.")
    if (annotation.target_kind == "event") != bool(annotation.event_id):
        raise InvalidAnnotationError(
            f"target_kind is '{annotation.target_kind}' and event_id is '{annotation.event_id}', "
            "expected an event_id for an event and none for a session."
        )


def _append(cursor: duckdb.DuckDBPyConnection, annotations: Sequence[Annotation], received_at: datetime) -> int:
    """Add those whose client_id is new, in their order; how many.

    The number of statements does not grow with them: between two statements the writer waits for whichever thread
    runs Python, which on a busy server took longer than the statements themselves.
    """
    known = _known_client_ids(cursor, annotations)
    current = _current_ids(cursor, annotations)
    rows = []
    for annotation in annotations:
        if annotation.client_id in known:
            continue
        known.add(annotation.client_id)
        target = (annotation.target_kind, annotation.session_id, annotation.event_id, annotation.annotator)
        rows.append(_row(annotation, received_at, current.get(target, annotation.supersedes)))
        current[target] = annotation.annotation_id
    if not rows:
        return 0
    taken = cursor.execute("SELECT nextval('annotation_sequence') FROM range(?)", [len(rows)]).fetchall()
    places = ", ".join(f"({', '.join('?' * (len(rows[0]) + 1))})" for _ in rows)
    values = [value for (sequence,), row in zip(sorted(taken), rows, strict=True) for value in (sequence, *row)]
    cursor.execute(f"INSERT INTO annotations VALUES {places}", values).fetchall()
    return len(rows)


def _known_client_ids(cursor: duckdb.DuckDBPyConnection, annotations: Sequence[Annotation]) -> set[str]:
    query = "SELECT client_id FROM annotations WHERE client_id IN (SELECT unnest(?::VARCHAR[]))"
    asked = [annotation.client_id for annotation in annotations]
    return {client_id for (client_id,) in cursor.execute(query, [asked]).fetchall()}


def _current_ids(
    cursor: duckdb.DuckDBPyConnection, annotations: Sequence[Annotation]
) -> dict[tuple[str, str, str | None, str], str]:
    """The current annotation of each target in the sessions of these: (kind, session, event, annotator) to its id."""
    query = """
        SELECT target_kind, session_id, event_id, annotator, annotation_id FROM annotations
        WHERE session_id IN (SELECT unnest(?::VARCHAR[])) ORDER BY sequence
    """
    sessions = list({annotation.session_id for annotation in annotations})
    return {tuple(target): newest for *target, newest in cursor.execute(query, [sessions]).fetchall()}


def _row(annotation: Annotation, received_at: datetime, supersedes: str | None) -> tuple[Any, ...]:
    return (
        annotation.annotation_id,
        annotation.client_id,
        annotation.target_kind,
        annotation.session_id,
        annotation.event_id,
        annotation.intent,
        annotation.annotator,
        annotation.created_at,
        received_at,
        annotation.lead_time_ms,
        annotation.status,
        annotation.note,
        supersedes,
        None if annotation.suggestion is None else json.dumps(annotation.suggestion),
        annotation.guideline_version,
    )
