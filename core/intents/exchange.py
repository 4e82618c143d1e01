"""Annotations in and out: the canonical line as JSONL, CSV or Parquet."""

import csv
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pyarrow.parquet as pq

from core.clock import Clock
from core.errors import InvalidAnnotationError, UnknownIntentError, UnreadableFileError
from core.intents.annotations import Annotation, submit_annotations
from core.store.frames import read_frame
from core.store.warehouse import Warehouse

Format = Literal["jsonl", "csv", "parquet"]
FORMATS: tuple[Format, ...] = ("jsonl", "csv", "parquet")
BATCH = 1000

_EXPORT = """
    SELECT target_kind, event_id, session_id, intent, annotator, created_at, status, lead_time_ms, note, client_id
    FROM current_annotations WHERE status <> 'undone' ORDER BY sequence
"""


@dataclass(frozen=True)
class ImportedAnnotations:
    """What became of a file's lines; `rejected` holds (line number, reason)."""

    added: int
    duplicates: int
    rejected: list[tuple[int, str]]


def import_annotations(warehouse: Warehouse, path: Path) -> ImportedAnnotations:
    """Add a file's annotations; a second time adds nothing. Lines that cannot be used are returned with the reason.

    Required keys: target_kind, session_id, intent, annotator; event_id for events. Optional: created_at, status,
    lead_time_ms, note, client_id.

    Raises:
        UnreadableFileError: no such file, not UTF-8, empty, or of another format.
    """
    rejected: list[tuple[int, str]] = []
    accepted: list[tuple[int, Annotation]] = []
    for number, line in _read_lines(path):
        try:
            accepted.append((number, parse_annotation(line, warehouse.clock)))
        except InvalidAnnotationError as error:
            rejected.append((number, str(error)))
    added = sum(
        _submit(warehouse, accepted[start : start + BATCH], rejected) for start in range(0, len(accepted), BATCH)
    )
    return ImportedAnnotations(added, len(accepted) - added - _late(accepted, rejected), sorted(rejected))


def export_annotations(warehouse: Warehouse, path: Path, format: Format = "jsonl") -> int:
    """Write the current annotations; returns how many.

    Raises:
        InvalidAnnotationError: an unknown format.
    """
    frame = read_frame(warehouse, _EXPORT)
    if format == "parquet":
        frame.to_parquet(path, index=False)
    elif format == "csv":
        frame.to_csv(path, index=False, date_format="%Y-%m-%dT%H:%M:%S.%f")
    elif format == "jsonl":
        path.write_text("".join(_json_lines(frame)), encoding="utf-8")
    else:
        raise InvalidAnnotationError(f"The format is '{format}', expected one of {', '.join(FORMATS)}.")
    return len(frame)


def parse_annotation(line: dict[str, Any], clock: Clock) -> Annotation:
    """One canonical line as an annotation; its client_id, where absent, stands for its content.

    Raises:
        InvalidAnnotationError: a required key is missing or created_at is no time.
    """
    value: dict[str, Any] = {
        key: None if given in ("", None) or given != given else given for key, given in line.items()
    }
    for name in ("target_kind", "session_id", "annotator"):
        if value.get(name) is None:
            raise InvalidAnnotationError(f"'{name}' is missing, expected every line to have it.")
    client_id = str(value.get("client_id") or _content_id(value))
    lead_time = value.get("lead_time_ms")
    return Annotation(
        annotation_id=f"a-{client_id}",
        client_id=client_id,
        target_kind=value["target_kind"],
        session_id=str(value["session_id"]),
        event_id=None if value.get("event_id") is None else str(value["event_id"]),
        intent=None if value.get("intent") is None else str(value["intent"]),
        annotator=str(value["annotator"]),
        created_at=_time(value.get("created_at"), clock),
        lead_time_ms=None if lead_time is None else int(float(lead_time)),
        status=value.get("status") or "submitted",
        note=value.get("note"),
    )


def _submit(warehouse: Warehouse, part: list[tuple[int, Annotation]], rejected: list[tuple[int, str]]) -> int:
    """Submit a part at once; if one line of it is refused, line by line."""
    try:
        return submit_annotations(warehouse, [annotation for _, annotation in part])
    except (InvalidAnnotationError, UnknownIntentError) as error:
        if len(part) == 1:
            rejected.append((part[0][0], str(error)))
            return 0
        return sum(_submit(warehouse, [line], rejected) for line in part)


def _late(accepted: list[tuple[int, Annotation]], rejected: list[tuple[int, str]]) -> int:
    """Lines that parsed but were refused afterwards."""
    numbers = {number for number, _ in accepted}
    return sum(number in numbers for number, _ in rejected)


def _read_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    if not path.is_file():
        raise UnreadableFileError(f"There is no file '{path}'.")
    if path.stat().st_size == 0:
        raise UnreadableFileError(f"'{path}' is empty, expected one annotation a line.")
    suffix = path.suffix.lower()
    try:
        if suffix == ".parquet":
            records: list[dict[str, Any]] = pq.read_table(path).to_pylist()
        elif suffix == ".csv":
            with path.open(encoding="utf-8-sig", newline="") as file:
                records = list(csv.DictReader(file))
        else:
            text = path.read_text(encoding="utf-8-sig")
            records = [_json_object(line) for line in text.split("\n") if line.strip()]
    except UnicodeDecodeError as error:
        raise UnreadableFileError(f"'{path}' is not UTF-8 text ({error}); save it as UTF-8.") from error
    except (OSError, ValueError) as error:
        raise UnreadableFileError(f"'{path}' cannot be read as {suffix or 'JSONL'}: {error}.") from error
    return enumerate(records, start=1)


def _json_object(line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except json.JSONDecodeError:
        value = None
    return value if isinstance(value, dict) else {"target_kind": None, "line": line[:200]}


def _json_lines(frame: pd.DataFrame) -> Iterator[str]:
    for row in frame.to_dict("records"):
        line = {
            str(key): value.isoformat() if isinstance(value, pd.Timestamp) else value
            for key, value in row.items()
            if value is not None and value == value
        }
        yield json.dumps(line, ensure_ascii=False) + "\n"


def _content_id(value: dict[str, Any]) -> str:
    content = [str(value.get(key)) for key in ("target_kind", "session_id", "event_id", "annotator", "intent")]
    content.append(str(value.get("created_at")))
    return hashlib.sha256("\x1f".join(content).encode()).hexdigest()[:24]


def _time(value: Any, clock: Clock) -> datetime:
    if value is None:
        return clock()
    try:
        time = pd.Timestamp(value)
        return (time.tz_convert("UTC").tz_localize(None) if time.tzinfo else time).to_pydatetime()
    except (ValueError, TypeError) as error:
        raise InvalidAnnotationError(
            f"created_at is '{value}', expected a time such as 2026-10-01T09:30:00."
        ) from error
