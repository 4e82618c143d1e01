"""A table for cleanlab: per target the class number most people gave, and a column of class numbers per person.

Source: cleanlab's `multiannotator` module (Goh, Tkachenko and Mueller 2022, CROWDLAB): labels_multiannotator is a frame
of integers with an empty cell where a person gave no label.
When to use it: finding label errors or weighing people in a notebook. When not: bringing labels back; classes are
numbers there.
"""

import csv
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from core.intents.exchange.format import Format, Values
from core.intents.exchange.hf_datasets import class_names
from core.intents.exchange.labelled_session import stream_sessions
from core.intents.taxonomy import Intent
from core.store.annotation_export_queries import current_annotators
from core.store.warehouse import Warehouse

PREFIX = "annotator:"
"""Of the columns that make up labels_multiannotator."""


class Cleanlab(Format):
    """One row a target."""

    name = "cleanlab"
    title = "cleanlab"
    ending = ".csv"
    mime = "text/csv"
    imports = False
    keeps_skipped = False

    def write(self, warehouse: Warehouse, intents: tuple[Intent, ...], path: Path) -> int:
        classes = class_names(warehouse, intents)
        people = current_annotators(warehouse)
        written = 0
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(
                ["target_kind", "session_id", "event_id", "label", "label_text", *(PREFIX + name for name in people)]
            )
            for session_id, event_id, labels in _targets(warehouse):
                written += len(labels)
                writer.writerow(_row(session_id, event_id, labels, classes, people))
        return written

    def recognizes(self, record: Mapping[str, Any]) -> bool:
        return False

    def companion(self, intents: tuple[Intent, ...]) -> tuple[str, str]:
        """How to read the table."""
        names = [intent.id for intent in intents if intent.active]
        about = {"classes": names, "labels_multiannotator": f"the columns that begin with '{PREFIX}'"}
        return ".classes.json", json.dumps(about, ensure_ascii=False, indent=1)


def _targets(warehouse: Warehouse) -> Iterator[tuple[str, str | None, list[Values]]]:
    for session in stream_sessions(warehouse):
        given = [
            label
            for label in session.labels
            if label["intent"] is not None and label["status"] in ("submitted", "gold")
        ]
        given.sort(key=lambda label: label["event_id"] or "")
        for event_id, labels in groupby(given, key=lambda label: label["event_id"]):
            yield session.session_id, event_id, list(labels)


def _row(
    session_id: str, event_id: str | None, labels: list[Values], classes: list[str], people: list[str]
) -> list[Any]:
    given = {label["annotator"]: classes.index(label["intent"]) for label in labels}
    most = min(Counter(given.values()).items(), key=lambda counted: (-counted[1], counted[0]))[0]
    kind = "session" if event_id is None else "event"
    return [kind, session_id, event_id, most, classes[most], *(given.get(name) for name in people)]
