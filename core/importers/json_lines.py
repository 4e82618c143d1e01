"""JSON Lines: one object a line, flat or nested; a JSON array of objects is understood too."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa

from core.errors import UnreadableFileError
from core.importers.source import (
    BATCH_ROWS,
    LINE_TOO_LONG,
    LONGEST_LINE,
    SAMPLE_ROWS,
    BadLine,
    Source,
    open_plain,
    text_of,
)

_LARGEST_ARRAY = 256 * 1024 * 1024
_KEPT_OF_A_BAD_LINE = 2000


class JsonLinesSource(Source):
    """A file of JSON objects, one a line, or one array of them."""

    format: ClassVar[str] = "jsonl"

    def __init__(self, path: Path, head: bytes) -> None:
        super().__init__(path)
        text = text_of(head, path.name)
        self._is_array = text.lstrip().startswith("[")
        self.sample = list(islice(self._rows(), SAMPLE_ROWS))
        if not self.sample:
            bad = self.bad_lines[0].raw[:60] if self.bad_lines else text[:60]
            raise UnreadableFileError(f"'{path.name}' begins with '{bad}', expected one JSON object a line.")
        self.bad_lines.clear()
        self.columns = list(dict.fromkeys(str(name) for row in self.sample for name in row))
        self._bytes_per_row = max(1.0, len(text.encode()) / max(1, text.count("\n")))
        self._is_packed = path.stat().st_size < len(head)

    @property
    def row_estimate(self) -> int | None:
        """By the first lines' length."""
        if self._is_packed or self._is_array:
            return None
        return round(self.path.stat().st_size / self._bytes_per_row)

    def tables(self, batch_rows: int = BATCH_ROWS) -> Iterator[pa.Table]:
        """See Source.tables; keys that the first rows did not have become columns too."""
        for rows in self.objects(batch_rows):
            names = list(dict.fromkeys([*self.columns, *(str(name) for row in rows for name in row)]))
            yield pa.table({name: pa.array([_text(row.get(name)) for row in rows], pa.string()) for name in names})

    def objects(self, batch_rows: int) -> Iterator[list[dict[str, Any]]]:
        """See Source.objects."""
        self.bad_lines.clear()
        rows = self._rows()
        while batch := list(islice(rows, batch_rows)):
            yield batch

    def _rows(self) -> Iterator[dict[str, Any]]:
        if self._is_array:
            yield from self._array()
            return
        with open_plain(self.path) as stream:
            number = 0
            while line := stream.readline(LONGEST_LINE + 1):
                number += 1
                if len(line) > LONGEST_LINE:
                    self._skip_long_line(number, line, stream)
                elif line.strip():
                    yield from self._parsed(number, line)

    def _skip_long_line(self, number: int, begin: bytes, stream: Any) -> None:
        """Keep the line's beginning as bad and read on behind its end, never holding it whole."""
        raw = begin[:_KEPT_OF_A_BAD_LINE].decode("utf-8", "replace")
        self.bad_lines.append(BadLine(number, LINE_TOO_LONG, raw))
        while not begin.endswith(b"\n") and begin:
            begin = stream.readline(LONGEST_LINE)

    def _parsed(self, number: int, line: bytes) -> Iterator[dict[str, Any]]:
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if isinstance(row, dict):
            yield row
        else:
            raw = line[:_KEPT_OF_A_BAD_LINE].decode("utf-8", "replace").rstrip("\n")
            self.bad_lines.append(BadLine(number, "no_json_object", raw))

    def _array(self) -> Iterator[dict[str, Any]]:
        with open_plain(self.path) as stream:
            data = stream.read(_LARGEST_ARRAY + 1)
        if len(data) > _LARGEST_ARRAY:
            raise UnreadableFileError(
                f"'{self.path.name}' is one JSON array of more than {_LARGEST_ARRAY // 1024 // 1024} MB; "
                f"write one object a line instead."
            )
        try:
            rows = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise UnreadableFileError(f"'{self.path.name}' is not JSON ({error}); export it again.") from error
        for number, row in enumerate(rows, start=1):
            if isinstance(row, dict):
                yield row
            else:
                self.bad_lines.append(BadLine(number, "no_json_object", json.dumps(row)[:_KEPT_OF_A_BAD_LINE]))


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
