"""Our own line as JSON Lines: complete, and read by any program.

When to use it: backups, moving labels between data folders, scripts. When not: tools that want the session's text.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from core.intents.exchange.format import Format, Line
from core.intents.exchange.records import read_records
from core.intents.taxonomy import Intent
from core.store.annotation_export_queries import copy_annotations
from core.store.warehouse import Warehouse


class JsonLines(Format):
    """One object an annotation."""

    name = "jsonl"
    title = "IntentLens JSONL"
    ending = ".jsonl"
    mime = "application/jsonl"

    def write(self, warehouse: Warehouse, intents: tuple[Intent, ...], path: Path) -> int:
        return copy_annotations(warehouse, path, "jsonl")

    def read(self, path: Path) -> Iterator[Line]:
        for record in read_records(path):
            yield Line(record.number, record.value, record.raw, "" if record.value else "no JSON object")

    def recognizes(self, record: Mapping[str, Any]) -> bool:
        return "target_kind" in record
