"""JSON Lines: one object a line, flat or nested; a JSON array of objects is understood too."""

import json
import re
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa

from core.errors import UnreadableFileError
from core.events.text import storable
from core.importers.source import (
    BATCH_ROWS,
    LINE_TOO_LONG,
    LONGEST_LINE,
    MOST_BAD_LINES,
    SAMPLE_ROWS,
    BadLine,
    Source,
    is_gzip,
    open_plain,
    text_of,
    too_many_bad_lines,
)

_LARGEST_ARRAY = 256 * 1024 * 1024
_KEPT_OF_A_BAD_LINE = 2000
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class JsonLinesSource(Source):
    """A file of JSON objects, one a line, or one array of them."""

    format: ClassVar[str] = "jsonl"

    def __init__(self, path: Path, head: bytes) -> None:
        super().__init__(path)
        text = text_of(head, path.name)
        self._is_array = text.lstrip().startswith("[")
        self.sample = self._first_rows()
        if not self.sample:
            bad = self.bad_lines[0].raw[:60] if self.bad_lines else text[:60]
            raise UnreadableFileError(f"'{path.name}' begins with '{bad}', expected one JSON object a line.")
        self.bad_lines.clear()
        self.columns = list(dict.fromkeys(str(name) for row in self.sample for name in row))
        self.bytes_per_row = max(1.0, len(text.encode()) / max(1, text.count("\n")))
        self._is_packed = is_gzip(path)

    @property
    def row_estimate(self) -> int | None:
        """By the first lines' length."""
        if self._is_packed or self._is_array:
            return None
        return round(self.path.stat().st_size / self.bytes_per_row)

    def tables(self, batch_rows: int = BATCH_ROWS) -> Iterator[pa.Table]:
        """See Source.tables; keys that the first rows did not have become columns too."""
        for rows in self.objects(batch_rows):
            names = list(dict.fromkeys([*self.columns, *(str(name) for row in rows for name in row)]))
            yield pa.table({name: pa.array([_text(row.get(name)) for row in rows], pa.string()) for name in names})

    def objects(self, batch_rows: int) -> Iterator[list[dict[str, Any]]]:
        """See Source.objects."""
        self.bad_lines.clear()
        self.blank_lines.clear()
        batch: list[dict[str, Any]] = []
        try:
            for row in self._rows():
                batch.append(row)
                if len(batch) == batch_rows:
                    yield batch
                    batch = []
        except UnreadableFileError:  # what came before the break is not lost
            yield batch
            raise
        if batch:
            yield batch

    def _first_rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        try:
            rows.extend(islice(self._rows(), SAMPLE_ROWS))
        except UnreadableFileError:
            if not rows:
                raise
        return rows

    def _rows(self) -> Iterator[dict[str, Any]]:
        if self._is_array:
            yield from self._array()
            return
        try:
            with open_plain(self.path) as stream:
                yield from self._lines(stream)
        except (OSError, EOFError, zlib.error) as error:
            raise UnreadableFileError(
                f"'{self.path.name}' breaks off ({error}); what came before was kept. Export or copy it again."
            ) from error

    def _lines(self, stream: Any) -> Iterator[dict[str, Any]]:
        number = 0
        while line := stream.readline(LONGEST_LINE + 1):
            number += 1
            if len(line) > LONGEST_LINE:
                self._skip_long_line(number, line, stream)
            elif line.strip():
                yield from self._parsed(number, line)
            else:
                self.blank_lines.append(number)

    def _skip_long_line(self, number: int, begin: bytes, stream: Any) -> None:
        """Keep the line's beginning as bad and read on behind its end, never holding it whole."""
        raw = begin[:_KEPT_OF_A_BAD_LINE].decode("utf-8", "replace")
        self._keep_bad(number, raw, LINE_TOO_LONG)
        while not begin.endswith(b"\n") and begin:
            begin = stream.readline(LONGEST_LINE)

    def _parsed(self, number: int, line: bytes) -> Iterator[dict[str, Any]]:
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if isinstance(row, dict):
            yield _storable(row) if _SURROGATE.search(line) else row
        else:
            self._keep_bad(number, line[:_KEPT_OF_A_BAD_LINE].decode("utf-8", "replace").rstrip("\n"))

    def _keep_bad(self, number: int, raw: str, reason: str = "no_json_object") -> None:
        self.bad_lines.append(BadLine(number, reason, raw))
        if len(self.bad_lines) >= MOST_BAD_LINES:
            raise too_many_bad_lines(self.path.name, self.bad_lines[0])

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
        has_surrogates = _SURROGATE.search(data) is not None
        for number, row in enumerate(rows, start=1):
            if isinstance(row, dict):
                yield _storable(row) if has_surrogates else row
            else:
                self._keep_bad(number, json.dumps(row)[:_KEPT_OF_A_BAD_LINE])


def _storable(row: dict[str, Any]) -> dict[str, Any]:
    stored: dict[str, Any] = json.loads(storable(json.dumps(row, ensure_ascii=False)))
    return stored


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
