"""Prodigy JSONL: a session as a choice task, its labelled events as spans of the text.

Source: Prodigy's task format (prodi.gy/docs/api-interfaces: choice, spans_manual, blocks). Prodigy is not on PyPI, so
no test loads the file by it.
When to use it: a Prodigy recipe, spaCy. When not: no licence for it; doccano's lines hold the same.
"""

import zlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.errors import InvalidAnnotationError
from core.intents.exchange.format import Format, Line, Values
from core.intents.exchange.json_stream import write_lines
from core.intents.exchange.labelled_session import LabelledSession, events_at, stream_sessions
from core.intents.exchange.originals import KEY, Originals, skipped
from core.intents.exchange.reading import read_each, session_of
from core.intents.taxonomy import Intent
from core.store.warehouse import Warehouse


class Prodigy(Format):
    """One line a session and person."""

    name = "prodigy"
    title = "Prodigy"
    ending = ".jsonl"
    mime = "application/jsonl"

    def write(self, warehouse: Warehouse, intents: tuple[Intent, ...], path: Path) -> int:
        options = [{"id": intent.id, "text": intent.name["en"]} for intent in intents if intent.active]
        written = 0

        def tasks() -> Iterator[dict[str, Any]]:
            nonlocal written
            for session in stream_sessions(warehouse):
                for annotator, labels in session.by_annotator():
                    written += len(labels)
                    yield _task(session, annotator, labels, options)

        write_lines(path, tasks())
        return written

    def read(self, path: Path) -> Iterator[Line]:
        return read_each(path, _parse)

    def recognizes(self, record: Mapping[str, Any]) -> bool:
        return "answer" in record or "_task_hash" in record


def _task(
    session: LabelledSession, annotator: str, labels: list[Values], options: list[dict[str, str]]
) -> dict[str, Any]:
    given = [label for label in labels if label["intent"] is not None]
    accept = [label["intent"] for label in given if label["event_id"] is None]
    spans = []
    for label in given:
        if label["event_id"] is not None:
            start, end = session.spans[label["event_id"]]
            spans.append({"start": start, "end": end, "label": label["intent"]})
    newest = max(label["created_at"] for label in labels)
    return {
        "text": session.text,
        "options": options,
        "accept": accept,
        "spans": spans,
        "answer": "accept" if given else "ignore",
        "_input_hash": _hash(session.text),
        "_task_hash": _hash(f"{session.text}\x1f{session.session_id}\x1f{annotator}"),
        "_view_id": "blocks" if accept and spans else "spans_manual" if spans else "choice",
        "_session_id": annotator,
        "_annotator_id": annotator,
        "_timestamp": int(datetime.fromisoformat(newest).replace(tzinfo=UTC).timestamp()),
        "session_id": session.session_id,
        "event_ids": session.event_ids,
        KEY: labels,
    }


def _hash(text: str) -> int:
    """A stable signed 32-bit number, as Prodigy's hashes are; Prodigy makes its own on loading."""
    return zlib.crc32(text.encode("utf-8")) - 2**31


def _parse(task: dict[str, Any]) -> Iterator[Values]:
    about = task | (task.get("meta") or {})
    session_id = session_of(about)
    annotator = str(task.get("_annotator_id") or task.get("_session_id") or "prodigy")
    found = {"annotator": annotator, "created_at": _time(task.get("_timestamp"))}
    originals = Originals(session_id, about.get(KEY))
    yield from originals.take_silent()
    source = f"prodigy:{task.get('_task_hash')}"
    answer = task.get("answer", "accept")
    if answer == "ignore" and not about.get(KEY):
        yield skipped(session_id, source, **found)
    if answer == "reject":
        raise InvalidAnnotationError("The answer is 'reject', which says what the session is not; expected 'accept'.")
    for event_id, intent in _found(task, about) if answer == "accept" else ():
        yield originals.resolve(event_id, intent, source, owner=annotator, **found)


def _found(task: dict[str, Any], about: dict[str, Any]) -> Iterator[tuple[str | None, str]]:
    given = task.get("accept") or ([task["label"]] if task.get("label") else [])
    for intent in given:
        yield None, str(intent)
    for span in task.get("spans") or []:
        for event_id in events_at(task["text"], about.get("event_ids") or [], span["start"], span["end"]):
            yield event_id, str(span["label"])


def _time(seconds: Any) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(float(seconds), UTC).isoformat()
