"""Parquet files, row group by row group."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.errors import UnreadableFileError
from core.importers.source import BATCH_ROWS, SAMPLE_ROWS, Source


class ParquetSource(Source):
    """A Parquet file; values become strings as they are read."""

    format: ClassVar[str] = "parquet"

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        try:
            self._file = pq.ParquetFile(path)
            self.columns = [
                str(name) for name in self._file.schema_arrow.names if not name.startswith("__index_level_")
            ]
            first = next(self._file.iter_batches(SAMPLE_ROWS, columns=self.columns), None)
        except (OSError, pa.ArrowException) as error:
            raise UnreadableFileError(self._broken(error)) from error
        if first is None or not len(first):
            raise UnreadableFileError(f"'{path.name}' has no rows, expected events; export it again.")
        self.sample = first.to_pylist()
        self.bytes_per_row = max(1.0, _unpacked_bytes(self._file.metadata) / self._file.metadata.num_rows)

    @property
    def row_estimate(self) -> int | None:
        """The file tells exactly."""
        return int(self._file.metadata.num_rows)

    def tables(self, batch_rows: int = BATCH_ROWS) -> Iterator[pa.Table]:
        """See Source.tables."""
        for batch in self._batches(batch_rows):
            yield pa.table({name: _strings(batch.column(name)) for name in self.columns})

    def objects(self, batch_rows: int) -> Iterator[list[dict[str, Any]]]:
        """See Source.objects."""
        for batch in self._batches(batch_rows):
            yield batch.to_pylist()

    def _batches(self, batch_rows: int) -> Iterator[pa.RecordBatch]:
        try:
            yield from self._file.iter_batches(batch_rows, columns=self.columns)
        except (OSError, pa.ArrowException) as error:
            raise UnreadableFileError(self._broken(error)) from error

    def _broken(self, error: Exception) -> str:
        return f"'{self.path.name}' is no whole Parquet file ({error}); export or copy it again."


def _strings(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _strings(column.dictionary_decode())
    if pa.types.is_floating(kind) and _is_whole(column):
        return pc.cast(pc.cast(column, pa.int64(), safe=False), pa.string())  # ids that a table once made floats
    if pa.types.is_nested(kind):
        values = (
            None if value is None else json.dumps(value, ensure_ascii=False, default=str)
            for value in column.to_pylist()
        )
        return pa.array(list(values), pa.string())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return _decoded(column)
    try:
        return pc.cast(column, pa.string())
    except pa.ArrowNotImplementedError:  # durations and the like
        return pa.array([None if value is None else str(value) for value in column.to_pylist()], pa.string())


def _decoded(column: pa.Array) -> pa.Array:
    """Bytes are text that some writers did not mark as such, or else pictures and the like, which are left out."""
    try:
        return pc.cast(column, pa.string())
    except pa.ArrowInvalid:
        return pa.nulls(len(column), pa.string())


def _unpacked_bytes(metadata: pq.FileMetaData) -> int:
    return sum(metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups))


def _is_whole(column: pa.Array) -> bool:
    known = column.drop_null()
    return bool(len(known)) and bool(
        pc.all(pc.and_(pc.equal(known, pc.round(known)), pc.less(pc.abs(known), 2.0**53))).as_py()
    )
