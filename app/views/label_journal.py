"""From the labeler's operations to the annotation journal: durable, in order, and never twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from core.errors import InvalidAnnotationError, UnknownIntentError
from core.intents.annotations import Annotation, submit_annotations, undo_annotation
from core.store.warehouse import Warehouse

GUIDELINE_VERSION = 1


@dataclass
class Saved:
    """acknowledged: client ids the browser may forget; refused: why some of them were not taken."""

    acknowledged: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def save_operations(warehouse: Warehouse, operations: Sequence[Mapping[str, Any]], *, annotator: str) -> Saved:
    """Write the operations of one annotator to the journal, oldest first; sending any of them again changes nothing.

    An operation the journal can never take (an intent removed meanwhile) is acknowledged and told in `refused`.

    Raises:
        WarehouseWriteError: the disk refused; what is not in `acknowledged` has to be sent again.
    """
    saved = Saved()
    now = warehouse.clock()
    for is_undo, run in groupby(operations, key=lambda operation: operation.get("kind") == "undo"):
        batch = list(run)
        if is_undo:
            for operation in batch:
                undo_annotation(warehouse, str(operation["undoes"]), annotator=annotator)
        else:
            _submit(warehouse, [_annotation(operation, annotator, now) for operation in batch], saved)
        saved.acknowledged.extend(str(operation["client_id"]) for operation in batch)
    return saved


def _submit(warehouse: Warehouse, annotations: list[Annotation], saved: Saved) -> None:
    try:
        submit_annotations(warehouse, annotations)
    except (UnknownIntentError, InvalidAnnotationError) as error:
        if len(annotations) == 1:
            saved.refused.append(str(error))
            return
        for annotation in annotations:
            _submit(warehouse, [annotation], saved)


def _annotation(operation: Mapping[str, Any], annotator: str, created_at: datetime) -> Annotation:
    lead_time = operation.get("lead_time_ms")
    return Annotation(
        annotation_id=str(operation["client_id"]),
        client_id=str(operation["client_id"]),
        target_kind="event" if operation.get("target_kind") == "event" else "session",
        session_id=str(operation["session_id"]),
        event_id=operation.get("event_id"),
        intent=operation.get("intent"),
        annotator=annotator,
        created_at=created_at,
        lead_time_ms=None if lead_time is None else max(0, int(lead_time)),
        status="skipped" if operation.get("status") == "skipped" else "submitted",
        guideline_version=GUIDELINE_VERSION,
    )
