"""doccano JSONL: a session as a text with one line an event; cats for the session, entities for its events.

Source: doccano's format of intent detection and slot filling projects; exports of its text classification (`label` of
names) and sequence labeling (`label` of spans) projects are read too.
When to use it: labeling long texts there. When not: pictures and prices matter, which doccano does not show.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from core.intents.exchange.format import Format, Line, Values
from core.intents.exchange.json_stream import write_lines
from core.intents.exchange.labelled_session import LabelledSession, events_at, stream_sessions
from core.intents.exchange.originals import KEY, Originals
from core.intents.exchange.reading import read_each, session_of
from core.intents.taxonomy import Intent
from core.store.warehouse import Warehouse

_KEYS = "1234567890qwertyuiop"


class Doccano(Format):
    """One line a session and person, as doccano keeps people apart by files or by the field annotator."""

    name = "doccano"
    title = "doccano"
    ending = ".jsonl"
    mime = "application/jsonl"

    def write(self, warehouse: Warehouse, intents: tuple[Intent, ...], path: Path) -> int:
        written = 0

        def documents() -> Iterator[dict[str, Any]]:
            nonlocal written
            for session in stream_sessions(warehouse):
                for annotator, labels in session.by_annotator():
                    written += len(labels)
                    yield _document(session, annotator, labels)

        write_lines(path, documents())
        return written

    def read(self, path: Path) -> Iterator[Line]:
        return read_each(path, lambda document: _parse(document, path.stem))

    def recognizes(self, record: Mapping[str, Any]) -> bool:
        has_labels = not {"entities", "cats", "label", "labels"}.isdisjoint(record)
        return "text" in record and has_labels and "answer" not in record

    def companion(self, intents: tuple[Intent, ...]) -> tuple[str, str]:
        """The label types, to be imported under Labels, for categories and for spans."""
        types = [
            {"text": intent.id, "suffixKey": key, "backgroundColor": intent.color, "textColor": "#ffffff"}
            for intent, key in zip((intent for intent in intents if intent.active), _KEYS, strict=False)
        ]
        return ".labels.json", json.dumps(types, ensure_ascii=False, indent=1)


def _document(session: LabelledSession, annotator: str, labels: list[Values]) -> dict[str, Any]:
    given = [label for label in labels if label["intent"] is not None]
    return {
        "text": session.text,
        "cats": [label["intent"] for label in given if label["event_id"] is None],
        "entities": [
            [*session.spans[label["event_id"]], label["intent"]] for label in given if label["event_id"] is not None
        ],
        "session_id": session.session_id,
        "event_ids": session.event_ids,
        "annotator": annotator,
        KEY: labels,
    }


def _parse(document: dict[str, Any], file_name: str) -> Iterator[Values]:
    about = document | (document.get("meta") or document.get("metadata") or {})
    session_id = session_of(about)
    annotator = str(about.get("annotator") or file_name)
    originals = Originals(session_id, about.get(KEY))
    yield from originals.take_silent()
    source = f"doccano:{document.get('id')}"
    for event_id, intent in _found(document, about.get("event_ids") or []):
        yield originals.resolve(event_id, intent, source, owner=annotator, annotator=annotator)


def _found(document: dict[str, Any], event_ids: list[str]) -> Iterator[tuple[str | None, str]]:
    labels = document.get("label") or document.get("labels") or []
    listed = [*([labels] if isinstance(labels, str) else labels), *(document.get("cats") or [])]
    for label in [*listed, *(document.get("entities") or [])]:
        if isinstance(label, str):
            yield None, label
            continue
        if isinstance(label, dict):  # relation extraction projects write objects
            start, end, intent = label["start_offset"], label["end_offset"], label["label"]
        else:
            start, end, intent = label
        for event_id in events_at(document["text"], event_ids, start, end):
            yield event_id, str(intent)
