"""The canonical line as an annotation."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from core.clock import Clock
from core.errors import InvalidAnnotationError
from core.intents.annotations import Annotation

_REQUIRED = ("target_kind", "session_id", "annotator")


def parse_annotation(line: Mapping[str, Any], clock: Clock) -> Annotation:
    """One canonical line as an annotation; its client_id, where absent, stands for its content.

    Raises:
        InvalidAnnotationError: a required key is missing, or a time or number is none.
    """
    value: dict[str, Any] = {
        key: None if given in ("", None) or given != given else given for key, given in line.items()
    }
    for name in _REQUIRED:
        if value.get(name) is None:
            raise InvalidAnnotationError(f"'{name}' is missing, expected every line to have it.")
    client_id = str(value.get("client_id") or _content_id(value))
    return Annotation(
        annotation_id=f"a-{client_id}",
        client_id=client_id,
        target_kind=value["target_kind"],
        session_id=str(value["session_id"]),
        event_id=_text(value.get("event_id")),
        intent=_text(value.get("intent")),
        annotator=str(value["annotator"]),
        created_at=_time(value.get("created_at"), clock),
        lead_time_ms=_whole(value, "lead_time_ms"),
        status=value.get("status") or "submitted",
        note=_text(value.get("note")),
        suggestion=_suggestion(value.get("suggestion")),
        guideline_version=_whole(value, "guideline_version"),
    )


def derived_id(*parts: object) -> str:
    """A client_id that stands for what a file says: the same parts, the same id."""
    return hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()[:24]


def _content_id(value: Mapping[str, Any]) -> str:
    keys = ("target_kind", "session_id", "event_id", "annotator", "intent", "created_at")
    return derived_id(*(value.get(key) for key in keys))


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _whole(value: Mapping[str, Any], name: str) -> int | None:
    given = value.get(name)
    try:
        return None if given is None else int(float(given))
    except (ValueError, TypeError, OverflowError) as error:
        raise InvalidAnnotationError(f"{name} is '{given}', expected a number.") from error


def _suggestion(value: Any) -> dict[str, Any] | None:
    try:
        given = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        given = value
    if given is not None and not isinstance(given, dict):
        raise InvalidAnnotationError(f"suggestion is '{str(value)[:60]}', expected a JSON object.")
    return given


def _time(value: Any, clock: Clock) -> datetime:
    if value is None:
        return clock()
    try:
        time = pd.Timestamp(value)
        return (time.tz_convert("UTC").tz_localize(None) if time.tzinfo else time).to_pydatetime(warn=False)
    except (ValueError, TypeError) as error:
        raise InvalidAnnotationError(
            f"created_at is '{value}', expected a time such as 2026-10-01T09:30:00."
        ) from error
