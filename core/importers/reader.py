"""Open a file by what it holds, whatever its name says."""

from pathlib import Path

from core.errors import UnreadableFileError
from core.importers.delimited import DelimitedSource
from core.importers.json_lines import JsonLinesSource
from core.importers.parquet import ParquetSource
from core.importers.source import Source, head_of


def open_source(path: Path) -> Source:
    """A CSV, TSV, JSON Lines or Parquet file, gzipped or not.

    Raises:
        UnreadableFileError: absent, empty, not UTF-8, broken, or of another kind; the message says what to do.
    """
    if path.is_dir():
        raise UnreadableFileError(f"'{path}' is a folder, expected a file; import its files one by one.")
    head = head_of(path)
    if head.startswith(b"PAR1"):
        return ParquetSource(path)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return JsonLinesSource(path, head)
    return DelimitedSource(path, head)
