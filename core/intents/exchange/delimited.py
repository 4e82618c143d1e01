"""Our own line as CSV, for spreadsheets.

When to use it: looking, sorting, filling in by hand. When not: texts that a spreadsheet would change (ids such as 007).
"""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from core.errors import UnreadableFileError
from core.intents.exchange.format import Format, Line
from core.intents.exchange.records import check_file, shortened
from core.intents.taxonomy import Intent
from core.store.annotation_export_queries import copy_annotations
from core.store.warehouse import Warehouse


class Delimited(Format):
    """One row an annotation; an empty cell is nothing known."""

    name = "csv"
    title = "CSV"
    ending = ".csv"
    mime = "text/csv"

    def write(self, warehouse: Warehouse, intents: tuple[Intent, ...], path: Path) -> int:
        return copy_annotations(warehouse, path, "csv")

    def read(self, path: Path) -> Iterator[Line]:
        check_file(path)
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                for number, row in enumerate(csv.DictReader(file), start=1):
                    overlong = row.pop(None, None)  # cells beyond the header's
                    reason = "more cells than the header has" if overlong else ""
                    yield Line(number, None if overlong else row, shortened(row), reason)
        except (UnicodeDecodeError, csv.Error) as error:
            raise UnreadableFileError(
                f"'{path.name}' cannot be read as CSV ({error}); save it as 'CSV UTF-8'."
            ) from error

    def recognizes(self, record: Mapping[str, Any]) -> bool:
        return False
