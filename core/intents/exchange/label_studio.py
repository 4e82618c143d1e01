"""Label Studio tasks: a session as a dialogue of its events, choices for the session, labels on its events.

Source: Label Studio's JSON of tasks with annotations and predictions (labelstud.io/guide/task_format).
When to use it: a team that labels there, second opinions, its review. When not: thousands of short sessions, which are
labelled faster here.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from core.intents.exchange.format import Format, Line, Values
from core.intents.exchange.json_stream import write_array
from core.intents.exchange.labelled_session import LabelledSession, stream_sessions
from core.intents.exchange.originals import KEY, Originals, skipped
from core.intents.exchange.reading import read_each, session_of
from core.intents.taxonomy import Intent
from core.store.warehouse import Warehouse

SESSION, EVENT, SHOWN = "intent", "event_intent", "events"
"""Names of the tags in the labeling interface."""


class LabelStudio(Format):
    """One task a session, one annotation in it a person."""

    name = "label-studio"
    title = "Label Studio"
    ending = ".json"
    mime = "application/json"

    def write(self, warehouse: Warehouse, intents: tuple[Intent, ...], path: Path) -> int:
        written = 0

        def tasks() -> Iterator[dict[str, Any]]:
            nonlocal written
            for number, session in enumerate(stream_sessions(warehouse), start=1):
                written += len(session.labels)
                yield _task(number, session)

        write_array(path, tasks())
        return written

    def read(self, path: Path) -> Iterator[Line]:
        return read_each(path, _parse)

    def recognizes(self, record: Mapping[str, Any]) -> bool:
        return isinstance(record.get("data"), dict) and ("annotations" in record or "predictions" in record)

    def companion(self, intents: tuple[Intent, ...]) -> tuple[str, str]:
        """The labeling interface, to be pasted under Settings > Labeling Interface > Code."""
        options = [(quoteattr(intent.id), quoteattr(intent.color)) for intent in intents if intent.active]
        choices = "\n".join(f"    <Choice value={value}/>" for value, _ in options)
        labels = "\n".join(f"    <Label value={value} background={color}/>" for value, color in options)
        return ".xml", (
            f'<View>\n  <Choices name="{SESSION}" toName="{SHOWN}" choice="single-radio" showInline="true">\n'
            f'{choices}\n  </Choices>\n  <ParagraphLabels name="{EVENT}" toName="{SHOWN}">\n{labels}\n'
            f'  </ParagraphLabels>\n  <Paragraphs name="{SHOWN}" value="${SHOWN}" layout="dialogue" '
            f'nameKey="type" textKey="text"/>\n</View>\n'
        )


def _task(number: int, session: LabelledSession) -> dict[str, Any]:
    shown = [{"type": kind, "text": line} for kind, line in zip(session.types, session.lines, strict=True)] or [
        {"type": "session", "text": session.text}
    ]
    annotations = [
        _annotation(f"{number}{place:03d}", annotator, labels, session)
        for place, (annotator, labels) in enumerate(session.by_annotator(), start=1)
    ]
    data = {
        "session_id": session.session_id,
        "visitor_id": session.visitor_id,
        SHOWN: shown,
        "event_ids": session.event_ids,
        KEY: session.labels,
    }
    return {"id": number, "data": data, "annotations": annotations, "predictions": _predictions(session)}


def _annotation(number: str, annotator: str, labels: list[Values], session: LabelledSession) -> dict[str, Any]:
    """What one person said; without completed_by, which Label Studio takes of its own users only."""
    times = sorted(label["created_at"] + "Z" for label in labels)
    of_session = next((label for label in labels if label["event_id"] is None), None)
    return {
        "id": int(number),
        "annotator": annotator,
        "result": [_result(label, session) for label in labels if label["intent"] is not None],
        "was_cancelled": of_session is not None and of_session["status"] == "skipped",
        "ground_truth": any(label["status"] == "gold" for label in labels),
        "lead_time": sum(label["lead_time_ms"] or 0 for label in labels) / 1000,
        "created_at": times[0],
        "updated_at": times[-1],
    }


def _result(label: Values, session: LabelledSession) -> dict[str, Any]:
    meta = {"meta": {"text": [label["note"]]}} if label["note"] else {}
    if label["event_id"] is None:
        return _choice(label["intent"]) | meta
    place = session.event_ids.index(label["event_id"])
    line = session.lines[place]
    value = {
        "start": str(place),
        "end": str(place),
        "startOffset": 0,
        "endOffset": len(line.encode("utf-16-le")) // 2,  # browsers count UTF-16 units
        "text": line,
        "paragraphlabels": [label["intent"]],
    }
    about = {"id": f"event-{place}", "from_name": EVENT, "to_name": SHOWN, "type": "paragraphlabels"}
    return about | {"value": value} | meta


def _choice(intent: str) -> dict[str, Any]:
    about = {"id": "session", "from_name": SESSION, "to_name": SHOWN, "type": "choices"}
    return about | {"value": {"choices": [intent]}}


def _predictions(session: LabelledSession) -> list[dict[str, Any]]:
    """What was suggested for the session, once for each agent."""
    by_agent = {
        str(suggestion.get("agent")): suggestion
        for label in session.labels
        if label["event_id"] is None and isinstance(suggestion := label["suggestion"], dict) and suggestion.get("value")
    }
    return [
        {"model_version": agent, "score": suggestion.get("score"), "result": [_choice(suggestion["value"])]}
        for agent, suggestion in by_agent.items()
    ]


def _parse(task: dict[str, Any]) -> Iterator[Values]:
    data = task["data"]
    originals = Originals(session_of(data), data.get(KEY))
    yield from originals.take_silent()
    for annotation in task.get("annotations") or []:
        yield from _of_annotation(annotation, data, originals)


def _of_annotation(annotation: dict[str, Any], data: dict[str, Any], originals: Originals) -> Iterator[Values]:
    found = {
        "annotator": _person(annotation) or "label-studio",
        "created_at": annotation.get("updated_at") or annotation.get("created_at"),
        "status": "gold" if annotation.get("ground_truth") else "submitted",
        "lead_time_ms": round(1000 * (annotation.get("lead_time") or 0)) or None,
    }
    source = f"label-studio:{annotation.get('id')}"
    if annotation.get("was_cancelled") and not data.get(KEY):
        yield skipped(str(data["session_id"]), source, **found)
    for result in annotation.get("result") or []:
        note = "\n".join((result.get("meta") or {}).get("text") or []) or None
        for event_id, intent in _targets(result, data):
            yield originals.resolve(event_id, intent, source, owner=annotation.get("annotator"), note=note, **found)


def _targets(result: dict[str, Any], data: dict[str, Any]) -> Iterator[tuple[str | None, str]]:
    """What a result labels (None: the session) and the intent it gives; other kinds of results are not ours."""
    value = result.get("value") or {}
    for intent in value.get("choices") or []:
        yield None, str(intent)
    event_ids = data.get("event_ids") or []
    for intent in value.get("paragraphlabels") or []:
        first, last = int(value.get("start", 0)), int(value.get("end", value.get("start", 0)))
        for event_id in event_ids[first : last + 1]:
            yield str(event_id), str(intent)


def _person(annotation: dict[str, Any]) -> str | None:
    """Who made an annotation, as far as the file tells."""
    completed_by = annotation.get("completed_by")
    if isinstance(completed_by, dict):
        return str(completed_by.get("email") or completed_by.get("username") or completed_by.get("id"))
    if completed_by is not None:
        return f"label-studio-{completed_by}"
    given = annotation.get("annotator")
    return None if given is None else str(given)
