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
from core.importers.source import BATCH_ROWS, HEAD_BYTES, LONGEST_LINE, SAMPLE_ROWS, BadLine, Source, text_of

DELIMITERS = (",", "\t", ";", "|")
_VALUE = re.compile(r"^[+-]?\d+([.,:/-]\d+)*([T ].*)?$")
_MOST_BAD_LINES = 100_000


class DelimitedSource(Source):
    """A delimited text file; without a header its columns are column0, column1, ..."""

    format: ClassVar[str] = "csv"

    def __init__(self, path: Path, head: bytes) -> None:
        super().__init__(path)
        text = text_of(head, path.name)
        self._delimiter = _delimiter(text, path.name)
        rows = list(_first_rows(text, self._delimiter))
        self._has_header = not any(_VALUE.match(cell.strip()) for cell in rows[0])
        names = rows[0] if self._has_header else [f"column{place}" for place in range(len(rows[0]))]
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
        self._bytes_per_row = max(1.0, len(text.encode()) / max(1, text.count("\n")))
        self._is_packed = path.stat().st_size < len(head) or path.suffix == ".gz"

    @property
    def row_estimate(self) -> int | None:
        """By the first rows' length."""
        return None if self._is_packed else round(self.path.stat().st_size / self._bytes_per_row)

    def tables(self, batch_rows: int = BATCH_ROWS) -> Iterator[pa.Table]:
        """See Source.tables."""
        connection = duckdb.connect(":memory:", config={"threads": 2})
        try:
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
        return [str(self.path), self._delimiter, self._has_header, columns, LONGEST_LINE]

    def _keep_bad_lines(self, connection: duckdb.DuckDBPyConnection) -> None:
        rows = connection.execute(_BAD_LINES, [_MOST_BAD_LINES]).fetchall()
        self.bad_lines += [
            BadLine(int(line), reason.lower().replace(" ", "_"), raw or "") for line, reason, raw in rows
        ]


_READ = """
    SELECT * FROM read_csv(
        $1, delim = $2, header = $3, columns = $4, max_line_size = $5, quote = '"', escape = '"', auto_detect = false,
        store_rejects = true, rejects_limit = 0, nullstr = '', allow_quoted_nulls = true)
"""
_BAD_LINES = (
    "SELECT line, any_value(error_type), any_value(csv_line) FROM reject_errors GROUP BY line ORDER BY line LIMIT ?"
)


def _delimiter(text: str, name: str) -> str:
    """The delimiter that splits the first line into the most cells; ties go to the commoner one."""
    first = text.split("\n", 1)[0]
    if len(first) >= HEAD_BYTES - 4:
        raise UnreadableFileError(f"The first line of '{name}' is longer than {HEAD_BYTES // 1024} KB; check the file.")
    return max(DELIMITERS, key=lambda mark: len(next(csv.reader([first], delimiter=mark), [])))


def _first_rows(text: str, delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        for number, row in enumerate(row for row in reader if row):
            if number > SAMPLE_ROWS:
                return
            yield row
    except csv.Error:  # a broken quote further down: the real reader will name the line
        return


def _distinct(names: list[str]) -> list[str]:
    """Column names without blanks or repeats."""
    distinct: list[str] = []
    for place, name in enumerate(names):
        plain = name.strip() or f"column{place}"
        distinct.append(plain if plain not in distinct else f"{plain}_{place}")
    return distinct
