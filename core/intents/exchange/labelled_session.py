"""A session that carries labels, as text: one line an event, so that a label of an event is a span of its line."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from core.intents.exchange.format import Values
from core.store.annotation_export_queries import labelled_sessions
from core.store.warehouse import Warehouse


@dataclass(frozen=True)
class LabelledSession:
    """A session's events and its labels.

    lines: one an event, "search: lamp". spans: by event_id, where its line stands in `text` (code points).
    """

    session_id: str
    visitor_id: str | None
    event_ids: list[str]
    types: list[str]
    lines: list[str]
    text: str
    spans: dict[str, tuple[int, int]]
    labels: list[Values]

    def by_annotator(self) -> Iterator[tuple[str, list[Values]]]:
        """Each annotator's labels, in the order of their names."""
        if len(self.labels) == 1:
            yield str(self.labels[0]["annotator"]), self.labels
            return
        ordered = sorted(self.labels, key=lambda label: str(label["annotator"]))
        for annotator, labels in groupby(ordered, key=lambda label: str(label["annotator"])):
            yield annotator, list(labels)


def stream_sessions(warehouse: Warehouse) -> Iterator[LabelledSession]:
    """Every session with a current annotation, by session_id, a few at a time."""
    for row in labelled_sessions(warehouse):
        yield _session(row)


def events_at(text: str, event_ids: list[str], start: int, end: int) -> list[str]:
    """The events whose lines a span of the text touches; none where the text has more lines than events."""
    first = text.count("\n", 0, start)
    last = first + text.count("\n", start, max(start, end - 1))
    return event_ids[first : last + 1] if text.count("\n") < len(event_ids) else []


def _session(row: dict[str, Any]) -> LabelledSession:
    event_ids, types, words = row["event_ids"], row["types"], row["words"]
    for label in row["labels"]:
        label["suggestion"] = json.loads(label["suggestion"]) if label["suggestion"] else None
    for event_id in _missing(row["labels"], set(event_ids)):  # labelled, but no longer in the warehouse
        event_ids.append(event_id)
        types.append("event")
        words.append(" ".join(event_id.split()))
    lines = [f"{kind}: {word}" if word else kind for kind, word in zip(types, words, strict=True)]
    spans: dict[str, tuple[int, int]] = {}
    start = 0
    for event_id, line in zip(event_ids, lines, strict=True):
        spans[event_id] = (start, start + len(line))
        start += len(line) + 1
    text = "\n".join(lines) or row["session_id"]
    return LabelledSession(row["session_id"], row["visitor_id"], event_ids, types, lines, text, spans, row["labels"])


def _missing(labels: Iterable[Values], known: set[str]) -> list[str]:
    named = (label["event_id"] for label in labels)
    return list(dict.fromkeys(event_id for event_id in named if event_id is not None and event_id not in known))
