"""From the labeler's operations to the annotation journal: durable, in order, and never twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from core.errors import InvalidAnnotationError, UnknownIntentError
from core.intents.annotations import Annotation, Status, label_counts, submit_annotations, undo_annotation
from core.store.warehouse import Warehouse

NOTE_CHARACTERS = 2000
"""Longest note kept; what is longer is cut."""

_STATUSES: Mapping[Any, Status] = {"submitted": "submitted", "skipped": "skipped", "unsure": "unsure"}
_LONGEST_WAIT = timedelta(days=30)
_SUGGESTION = ("value", "score", "agent", "shown_at", "accepted", "latency_ms", "planted", "blind")


@dataclass
class Saved:
    """acknowledged: client ids the browser may forget; refused: of some of them, why they were not taken."""

    acknowledged: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


def save_operations(warehouse: Warehouse, operations: Sequence[Mapping[str, Any]], *, annotator: str) -> Saved:
    """Write the operations of one annotator to the journal, oldest first; sending any of them again changes nothing.

    An operation the journal can never take (an intent removed meanwhile, a field missing) is acknowledged and told in
    `refused`.

    Args:
        operations: each has `client_id` and `kind`. `submit`: target_kind, session_id, event_id, intent, status
            (submitted, skipped, unsure), lead_time_ms, note, suggestion, guideline_version (which the annotator saw).
            `undo`: `undoes`, the client_id taken back.
            `waited_ms` is how long it lay in the browser before it was sent.

    Raises:
        WarehouseWriteError: the disk refused; what is not in `acknowledged` has to be sent again.
    """
    saved = Saved()
    now = warehouse.clock()
    for is_undo, run in groupby(operations, key=lambda operation: operation.get("kind") == "undo"):
        batch = list(run)
        if is_undo:
            for operation in batch:
                undo_annotation(warehouse, str(operation.get("undoes")), annotator=annotator)
        else:
            _submit(warehouse, _annotations(batch, annotator, now, saved), saved)
        saved.acknowledged.extend(str(operation.get("client_id")) for operation in batch)
    return saved


def progress_by_intent(warehouse: Warehouse, annotator: str) -> dict[str, dict[str, int]]:
    """Labelled sessions and events of this annotator by intent; an intent without any is left out."""
    counts = label_counts(warehouse, annotator)
    return {intent: {"sessions": sessions, "events": events} for intent, (sessions, events) in counts.items()}


def _annotations(
    operations: Sequence[Mapping[str, Any]], annotator: str, now: datetime, saved: Saved
) -> list[Annotation]:
    made = []
    for operation in operations:
        try:
            made.append(_annotation(operation, annotator, now))
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            message = f"The operation '{operation.get('client_id')}' cannot be read: {error!r}."
            saved.refused[str(operation.get("client_id"))] = message
    return made


def _submit(warehouse: Warehouse, annotations: list[Annotation], saved: Saved) -> None:
    if not annotations:
        return
    try:
        submit_annotations(warehouse, annotations)
    except (UnknownIntentError, InvalidAnnotationError) as error:
        if len(annotations) == 1:
            saved.refused[annotations[0].client_id] = str(error)
            return
        for annotation in annotations:
            _submit(warehouse, [annotation], saved)


def _annotation(operation: Mapping[str, Any], annotator: str, now: datetime) -> Annotation:
    client_id = str(operation["client_id"])
    event_id, intent = operation.get("event_id"), operation.get("intent")
    return Annotation(
        annotation_id=client_id,
        client_id=client_id,
        target_kind="session" if event_id is None else "event",
        session_id=str(operation["session_id"]),
        event_id=None if event_id is None else str(event_id),
        intent=None if intent is None else str(intent),
        annotator=annotator,
        created_at=now - _waited(operation),
        lead_time_ms=_whole(operation.get("lead_time_ms")),
        status=_STATUSES[operation.get("status")],
        note=str(operation.get("note") or "")[:NOTE_CHARACTERS] or None,
        suggestion=_suggestion(operation.get("suggestion")),
        guideline_version=_whole(operation.get("guideline_version")),
    )


def _waited(operation: Mapping[str, Any]) -> timedelta:
    """How long the operation lay in the browser, by the browser's own clock, which may be set wrong."""
    return min(timedelta(milliseconds=_whole(operation.get("waited_ms")) or 0), _LONGEST_WAIT)


def _whole(value: Any) -> int | None:
    return None if value is None else max(0, int(value))


def _suggestion(given: Any) -> dict[str, Any] | None:
    """What was suggested, as the journal keeps it; None where nothing was."""
    if given is None:
        return None
    return {name: dict(given).get(name) for name in _SUGGESTION}
