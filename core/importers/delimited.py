"""CSV, TSV and the like: the delimiter and header are found, DuckDB reads."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import duckdb
import pyarrow as pa

from core.errors import UnreadableFileError
from core.importers.source import (
    BATCH_ROWS,
    HEAD_BYTES,
    LONGEST_LINE,
    MOST_BAD_LINES,
    SAMPLE_ROWS,
    BadLine,
    Source,
    is_gzip,
    text_of,
    too_many_bad_lines,
)

DELIMITERS = (",", "\t", ";", "|")
_LONGEST_HEADER = HEAD_BYTES // 4
_BLANK_LINES = re.compile(r"(?:[ \t]*(?:\r\n|\n|\r))*")
_GLOB = re.compile(r"[*?\[]")
_VALUE = re.compile(r"^[+-]?\d+([.,:/-]\d+)*([T ].*)?$")


class DelimitedSource(Source):
    """A delimited text file; without a header its columns are column0, column1, ..."""

    format: ClassVar[str] = "csv"

    def __init__(self, path: Path, head: bytes) -> None:
        super().__init__(path)
        text = text_of(head, path.name)
        self._blank_lines = len(_BLANK_LINES.match(text)[0].splitlines())  # type: ignore[index]  # matches always
        self._line_end = "\n" if "\n" in text else "\r"
        self._delimiter = _delimiter(text.lstrip(), path.name)
        rows = list(_first_rows(text, self._delimiter))
        if not rows:
            raise UnreadableFileError(f"The first line of '{path.name}' is no row of cells; check its quotes.")
        self._has_header = not any(_VALUE.match(cell.strip()) for cell in rows[0])
        names = rows[0] if self._has_header else [f"column{place}" for place in range(len(rows[0]))]
        self.first_row_number = 1 + self._blank_lines + self._has_header
        self.columns = _distinct(names)
        if len(self.columns) < 2:
            raise UnreadableFileError(
                f"'{path.name}' has one column '{names[0][:60]}', expected several; "
                f"separate them by one of: comma, tab, semicolon, |."
            )
        data = rows[1:] if self._has_header else rows
        self.sample = [dict(zip(self.columns, row, strict=False)) for row in data[:SAMPLE_ROWS]]
        if not data:
            raise UnreadableFileError(f"'{path.name}' has a header but no rows; export it again.")
        self.bytes_per_row = max(1.0, len(text.encode()) / max(1, text.count(self._line_end)))
        self._is_packed = is_gzip(path)

    @property
    def row_estimate(self) -> int | None:
        """By the first rows' length."""
        if self._is_packed:
            return None
        return max(1, round(self.path.stat().st_size / self.bytes_per_row) - self._has_header)

    def tables(self, batch_rows: int = BATCH_ROWS) -> Iterator[pa.Table]:
        """See Source.tables."""
        connection = duckdb.connect(":memory:", config={"threads": 2})
        try:
            connection.execute("SET enable_progress_bar = false")  # the caller has one of its own
            reader = connection.sql(_READ, params=self._parameters())
            for batch in reader.to_arrow_reader(batch_rows):
                yield pa.Table.from_batches([batch])
            self._keep_bad_lines(connection)
        except duckdb.Error as error:
            raise UnreadableFileError(
                f"'{self.path.name}' cannot be read as CSV ({str(error).splitlines()[0]}); check that it is whole."
            ) from error
        finally:
            connection.close()

    def objects(self, batch_rows: int) -> Iterator[list[dict[str, Any]]]:
        """See Source.objects."""
        for table in self.tables(batch_rows):
            yield table.to_pylist()

    def _parameters(self) -> list[Any]:
        columns = dict.fromkeys(self.columns, "VARCHAR")
        packing = "gzip" if self._is_packed else "none"
        path = _GLOB.sub(r"[\g<0>]", str(self.path))
        return [path, self._delimiter, self._has_header, columns, LONGEST_LINE, packing, self._blank_lines]

    def _keep_bad_lines(self, connection: duckdb.DuckDBPyConnection) -> None:
        rows = connection.execute(_BAD_LINES, [MOST_BAD_LINES + 1]).fetchall()
        self.bad_lines += [
            BadLine(int(line), reason.lower().replace(" ", "_"), raw or "") for line, reason, raw in rows
        ]
        if len(rows) > MOST_BAD_LINES:
            del self.bad_lines[MOST_BAD_LINES:]
            raise too_many_bad_lines(self.path.name, self.bad_lines[0])


_READ = """
    SELECT * FROM read_csv(
        $1, delim = $2, header = $3, columns = $4, max_line_size = $5, compression = $6,
        skip = $7, quote = '"', escape = '"', auto_detect = false,
        store_rejects = true, rejects_limit = 0, nullstr = '', allow_quoted_nulls = true)
"""
_BAD_LINES = (
    "SELECT line, any_value(error_type), any_value(csv_line) FROM reject_errors GROUP BY line ORDER BY line LIMIT ?"
)


def _delimiter(text: str, name: str) -> str:
    """The delimiter that splits the first line into the most cells; ties go to the commoner one."""
    first = text.splitlines()[0]
    if len(first) > _LONGEST_HEADER:
        raise UnreadableFileError(
            f"The first line of '{name}' is longer than {_LONGEST_HEADER // 1024} KB, expected column names or one "
            f"event; check that lines end where events end."
        )
    return max(DELIMITERS, key=lambda mark: len(next(csv.reader([first], delimiter=mark), [])))


def _first_rows(text: str, delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=delimiter)
    try:
        for number, row in enumerate(row for row in reader if row):
            if number > SAMPLE_ROWS:
                return
            yield row
    except csv.Error:  # a broken quote further down: the real reader will name the line
        return


def _distinct(names: list[str]) -> list[str]:
    """Column names without blanks or repeats; names that differ only in case count as the same in SQL."""
    distinct: list[str] = []
    taken: set[str] = set()
    for place, name in enumerate(names):
        plain = fresh = name.strip() or f"column{place}"
        while fresh.lower() in taken:
            place += 1
            fresh = f"{plain}_{place}"
        taken.add(fresh.lower())
        distinct.append(fresh)
    return distinct
