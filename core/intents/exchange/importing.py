"""A file's annotations brought in: judged line by line, then all that are new added in one transaction."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from core.clock import Clock
from core.errors import InvalidAnnotationError, UnknownIntentError
from core.intents.annotations import Annotation, check_annotation
from core.intents.exchange.canonical import parse_annotation
from core.intents.exchange.format import Line
from core.intents.exchange.intent_names import IntentNames
from core.intents.exchange.registry import detect_format, get_format
from core.intents.taxonomy import load_taxonomy
from core.store.annotation_import_queries import IMPORT_SCHEMA, insert_judged, judge_annotations
from core.store.warehouse import Warehouse

REASONS = ("unreadable", "unknown_intent", "unknown_session", "unknown_event", "older")
"""Why a line is rejected; `unreadable` is told in words by its message."""

_MESSAGES = {
    "unknown_event": "The event '{event_id}' is not in the warehouse; import its events first.",
    "unknown_session": "The session '{session_id}' is not in the warehouse; import its events first.",
    "older": "'{annotator}' said something else of it later than {created_at}; the later label stays.",
}


@dataclass(frozen=True)
class RejectedLine:
    """A line that is not brought in: one of REASONS, in words, and what stood there."""

    line: int
    reason: str
    message: str
    raw: str


@dataclass(frozen=True)
class ImportedAnnotations:
    """What became of a file's lines, or would.

    format: as which it was read. duplicates: labels that were there already. unknown_intents: words of the file that
    no intent is called by, and how often they stand there.
    """

    format: str
    added: int
    duplicates: int
    rejected: list[RejectedLine]
    unknown_intents: dict[str, int] = field(default_factory=dict)


@dataclass
class _Reading:
    """The lines of a file that can be judged, and those that cannot."""

    lines: list[Line] = field(default_factory=list)
    annotations: list[Annotation] = field(default_factory=list)
    rejected: list[RejectedLine] = field(default_factory=list)
    unknown: "Counter[str]" = field(default_factory=Counter)


def check_annotations(
    warehouse: Warehouse, path: Path, *, format: str | None = None, mapping: Mapping[str, str] | None = None
) -> ImportedAnnotations:
    """What import_annotations would do now; nothing is written."""
    name, reading = _read(warehouse, path, format, mapping)
    with warehouse.cursor() as cursor:
        verdicts = judge_annotations(cursor, _table(reading.annotations))
    added = sum(verdict == "new" for verdict in verdicts.values())
    return _outcome(name, reading, verdicts, added)


def import_annotations(
    warehouse: Warehouse, path: Path, *, format: str | None = None, mapping: Mapping[str, str] | None = None
) -> ImportedAnnotations:
    """Add a file's annotations in one transaction; a second time adds nothing.

    Lines that cannot be used are returned with the reason, and the others added. A label that its annotator has
    changed here since it was made is rejected as older.

    Args:
        format: one of registry.IMPORTED; found out without.
        mapping: words of the file to intents of the taxonomy.

    Raises:
        UnreadableFileError: no such file, not UTF-8, empty, or of another format.
        InvalidAnnotationError: an unknown format, or a mapping to an intent that there is not.
    """
    name, reading = _read(warehouse, path, format, mapping)
    rows, received_at = _table(reading.annotations), warehouse.clock()

    def change(cursor: duckdb.DuckDBPyConnection) -> tuple[dict[int, str], int]:
        return judge_annotations(cursor, rows), insert_judged(cursor, received_at)

    verdicts, added = warehouse.write(change)
    return _outcome(name, reading, verdicts, added)


def _read(
    warehouse: Warehouse, path: Path, format: str | None, mapping: Mapping[str, str] | None
) -> tuple[str, _Reading]:
    chosen = get_format(format) if format else detect_format(path)
    names = IntentNames(load_taxonomy(warehouse, inactive=True), mapping)
    reading = _Reading()
    for line in chosen.read(path):
        _take(reading, line, names, warehouse.clock)
    return chosen.name, reading


def _take(reading: _Reading, line: Line, names: IntentNames, clock: Clock) -> None:
    try:
        if line.values is None:
            raise InvalidAnnotationError(line.reason)
        values = dict(line.values)
        if values.get("intent") not in (None, ""):
            values["intent"] = names.find(str(values["intent"])) or values["intent"]
        annotation = parse_annotation(values, clock)
        check_annotation(annotation, set(names.ids))
    except UnknownIntentError as error:
        reading.unknown[str(line.values["intent"])] += 1  # type: ignore[index]  # it had an intent
        reading.rejected.append(RejectedLine(line.number, "unknown_intent", str(error), line.raw))
    except InvalidAnnotationError as error:
        reading.rejected.append(RejectedLine(line.number, "unreadable", str(error), line.raw))
    else:
        reading.lines.append(line)
        reading.annotations.append(annotation)


def _table(annotations: list[Annotation]) -> pa.Table:
    """IMPORT_SCHEMA, numbered from 0."""
    rows: list[dict[str, Any]] = [
        vars(annotation)
        | {
            "number": number,
            "suggestion": None
            if annotation.suggestion is None
            else json.dumps(annotation.suggestion, ensure_ascii=False),
        }
        for number, annotation in enumerate(annotations)
    ]
    return pa.Table.from_pylist(rows, schema=IMPORT_SCHEMA)


def _outcome(name: str, reading: _Reading, verdicts: dict[int, str], added: int) -> ImportedAnnotations:
    late = [
        RejectedLine(line.number, verdicts[place], _MESSAGES[verdicts[place]].format(**vars(annotation)), line.raw)
        for place, (line, annotation) in enumerate(zip(reading.lines, reading.annotations, strict=True))
        if verdicts[place] in _MESSAGES
    ]
    rejected = sorted([*reading.rejected, *late], key=lambda line: line.line)
    return ImportedAnnotations(
        name, added, len(reading.annotations) - added - len(late), rejected, dict(reading.unknown.most_common())
    )
