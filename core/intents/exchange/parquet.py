"""Our own line as Parquet, for data frames.

When to use it: analysis in DuckDB, pandas or Spark. When not: training texts on labels (`datasets` has the texts).
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import UnreadableFileError
from core.intents.exchange.format import Format, Line
from core.intents.exchange.records import check_file, shortened
from core.intents.taxonomy import Intent
from core.store.annotation_export_queries import copy_annotations
from core.store.warehouse import Warehouse


class Parquet(Format):
    """One row an annotation."""

    name = "parquet"
    title = "Parquet"
    ending = ".parquet"
    mime = "application/vnd.apache.parquet"

    def write(self, warehouse: Warehouse, intents: tuple[Intent, ...], path: Path) -> int:
        return copy_annotations(warehouse, path, "parquet")

    def read(self, path: Path) -> Iterator[Line]:
        check_file(path)
        try:
            with pq.ParquetFile(path) as file:
                rows = (row for batch in file.iter_batches() for row in batch.to_pylist())
                for number, row in enumerate(rows, start=1):
                    yield Line(number, row, shortened(row))
        except (OSError, pa.ArrowException) as error:
            raise UnreadableFileError(f"'{path.name}' cannot be read as Parquet ({error}); export it again.") from error

    def recognizes(self, record: Mapping[str, Any]) -> bool:
        return False
