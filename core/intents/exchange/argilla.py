"""Argilla records: a session as a text field, a label question for it, a span question for its events.

Source: the array that argilla's `dataset.records.to_json` writes and `from_json` reads.
When to use it: an Argilla server. When not: no server; its library alone shows nothing.
"""

import json
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from core.intents.exchange.format import Format, Line, Values
from core.intents.exchange.json_stream import write_array
from core.intents.exchange.labelled_session import LabelledSession, events_at, stream_sessions
from core.intents.exchange.originals import KEY, Originals, skipped
from core.intents.exchange.reading import read_each, session_of
from core.intents.taxonomy import Intent
from core.store.warehouse import Warehouse

SESSION, EVENT = "intent", "event_intent"
"""Names of the questions, a LabelQuestion and a SpanQuestion over the field `text`."""
_PEOPLE = uuid.UUID("5ad07b7c-6b4f-5b0e-9d5e-0c1f3f0d7a11")


class Argilla(Format):
    """One record a session, with everybody's responses."""

    name = "argilla"
    title = "Argilla"
    ending = ".json"
    mime = "application/json"

    def write(self, warehouse: Warehouse, intents: tuple[Intent, ...], path: Path) -> int:
        written = 0

        def records() -> Iterator[dict[str, Any]]:
            nonlocal written
            for session in stream_sessions(warehouse):
                written += len(session.labels)
                yield _record(session)

        write_array(path, records())
        return written

    def read(self, path: Path) -> Iterator[Line]:
        return read_each(path, _parse)

    def recognizes(self, record: Mapping[str, Any]) -> bool:
        return isinstance(record.get("fields"), dict) and ("responses" in record or "suggestions" in record)


def _record(session: LabelledSession) -> dict[str, Any]:
    responses: dict[str, list[dict[str, Any]]] = {}
    for annotator, labels in session.by_annotator():
        for question, value, status in _answers(session, labels):
            response = {"value": value, "user_id": _user_id(annotator), "status": status}
            responses.setdefault(question, []).append(response)
    return {
        "id": session.session_id,
        "fields": {"text": session.text},
        "metadata": {  # flat: Argilla's metadata are words and numbers
            "session_id": session.session_id,
            "event_ids": session.event_ids,
            KEY: json.dumps(session.labels, ensure_ascii=False),
        },
        "vectors": {},
        "suggestions": _suggestions(session),
        "responses": responses,
    }


def _answers(session: LabelledSession, labels: list[Values]) -> Iterator[tuple[str, Any, str]]:
    spans = []
    for label in labels:
        if label["event_id"] is None:
            status = "submitted" if label["intent"] is not None else "discarded"
            yield SESSION, label["intent"], status
        elif label["intent"] is not None:
            start, end = session.spans[label["event_id"]]
            spans.append({"start": start, "end": end, "label": label["intent"]})
    if spans:
        yield EVENT, spans, "submitted"


def _suggestions(session: LabelledSession) -> dict[str, dict[str, Any]]:
    for label in session.labels:
        suggestion = label["suggestion"]
        if label["event_id"] is None and isinstance(suggestion, dict) and suggestion.get("value"):
            return {SESSION: {key: suggestion.get(key) for key in ("value", "score", "agent")}}
    return {}


def _user_id(annotator: str) -> str:
    """Argilla knows people by UUID; the same name has the same."""
    return str(uuid.uuid5(_PEOPLE, annotator))


def _parse(record: dict[str, Any]) -> Iterator[Values]:
    about = record.get("metadata") or {}
    session_id = session_of(about | {"session_id": about.get("session_id") or record.get("id")})
    kept = json.loads(about.get(KEY) or "[]")
    names = {_user_id(str(label.get("annotator"))): str(label.get("annotator")) for label in kept}
    originals = Originals(session_id, kept)
    yield from originals.take_silent()
    for question, responses in (record.get("responses") or {}).items():
        for response in responses:
            user_id = str(response["user_id"])
            annotator = names.get(user_id, f"argilla-{user_id[:8]}")
            source = f"argilla:{record.get('id')}:{question}"
            if response.get("status") == "discarded" and not kept:
                yield skipped(session_id, source, annotator=annotator)
            if response.get("status") in (None, "submitted"):
                for event_id, intent in _found(response.get("value"), record, about):
                    yield originals.resolve(event_id, intent, source, owner=annotator, annotator=annotator)


def _found(value: Any, record: dict[str, Any], about: dict[str, Any]) -> Iterator[tuple[str | None, str]]:
    if isinstance(value, str):
        yield None, value
        return
    for span in value or []:
        for event_id in events_at(record["fields"]["text"], about.get("event_ids") or [], span["start"], span["end"]):
            yield event_id, str(span["label"])
