"""A file to import: what it is, its columns and first rows, and its rows as tables of strings, batch by batch."""

import gzip
import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa

from core.errors import UnreadableFileError

SAMPLE_ROWS = 20
BATCH_ROWS = 100_000
HEAD_BYTES = 256 * 1024
LONGEST_LINE = 16 * 1024 * 1024
LINE_TOO_LONG = "line_size_over_maximum"
MOST_BAD_LINES = 100_000
_BATCH_BYTES = 64 * 1024 * 1024
_FEWEST_ROWS = 100
_GZIP = b"\x1f\x8b"
_SIGNATURES: dict[bytes, str] = {
    b"PK\x03\x04": "a zip archive or an Excel file; unpack it, or save the sheet as 'CSV UTF-8'",
    b"\x89PNG": "a picture; import item pictures as one zip archive of files named ITEM_ID.jpg",
    b"%PDF": "a PDF; export the data as CSV",
    b"SQLite format 3": "an SQLite database; export the table as CSV",
    b"\xff\xfe": "UTF-16 text; save it as UTF-8",
    b"\xfe\xff": "UTF-16 text; save it as UTF-8",
}


@dataclass(frozen=True)
class BadLine:
    """A line that could not be split into columns; kept with its reason.

    row_number: its line in the file, from 1; a quoted line break does not count.
    """

    row_number: int
    reason: str
    raw: str


class Source(ABC):
    """One readable file."""

    format: ClassVar[str]

    def __init__(self, path: Path) -> None:
        self.path = path
        self.bad_lines: list[BadLine] = []
        self.blank_lines: list[int] = []
        self.first_row_number = 1
        self.columns: list[str] = []
        self.sample: list[dict[str, Any]] = []
        self.bytes_per_row = 1.0

    def rows_a_batch(self, most: int) -> int:
        """How many rows to read at once, at most `most`, so that a batch of long rows stays small too."""
        return max(_FEWEST_ROWS, min(most, int(_BATCH_BYTES / self.bytes_per_row)))

    @property
    def left_out(self) -> list[int]:
        """The numbers, in order, of the lines that gave no row although one was looked for: unreadable or blank."""
        return sorted([line.row_number for line in self.bad_lines] + self.blank_lines)

    @property
    def row_estimate(self) -> int | None:
        """About how many rows there are; None when nobody can say before reading."""
        return None

    @abstractmethod
    def tables(self, batch_rows: int = BATCH_ROWS) -> Iterator[pa.Table]:
        """All rows as tables of strings in `columns`, in order; bad lines gather in `bad_lines`.

        Raises:
            UnreadableFileError: the file breaks off or a line is too long.
        """

    @abstractmethod
    def objects(self, batch_rows: int) -> Iterator[list[dict[str, Any]]]:
        """All rows as parsed objects, for nested formats."""


def head_of(path: Path) -> bytes:
    """The first bytes of a file, unpacked if it is gzipped.

    Raises:
        UnreadableFileError: it is absent, empty, broken, or plainly of another kind.
    """
    try:
        with open_plain(path) as stream:
            head: bytes = stream.read(HEAD_BYTES)
    except FileNotFoundError as error:
        raise UnreadableFileError(f"There is no file '{path}'; check the name.") from error
    except (OSError, EOFError) as error:
        raise UnreadableFileError(f"'{path.name}' cannot be read ({error}); check that it is whole.") from error
    for signature, kind in _SIGNATURES.items():
        if head.startswith(signature):
            raise UnreadableFileError(f"'{path.name}' is {kind}.")
    if not head.strip():
        raise UnreadableFileError(f"'{path.name}' is empty, expected events; export it again.")
    return head


def open_plain(path: Path) -> Any:
    """A binary stream of a file, unpacked if it is gzipped."""
    return gzip.open(path, "rb") if is_gzip(path) else path.open("rb")


def is_gzip(path: Path) -> bool:
    """Whether the file is gzipped, whatever its name says."""
    with path.open("rb") as stream:
        return stream.read(2) == _GZIP


def file_sha256(path: Path) -> str:
    """The digest of a file's bytes, in hex.

    Raises:
        UnreadableFileError: it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise UnreadableFileError(f"'{path.name}' cannot be read ({error}); check that it is whole.") from error


def too_many_bad_lines(name: str, first: BadLine) -> UnreadableFileError:
    """The error of a file most of whose lines are something else."""
    return UnreadableFileError(
        f"More than {MOST_BAD_LINES:,} lines of '{name}' are unreadable, the first is line {first.row_number} "
        f"({first.reason}): '{first.raw[:80]}'. What could be read was kept; check the delimiter and the quotes."
    )


def text_of(head: bytes, name: str) -> str:
    """The head as text, cut at its last whole line.

    Raises:
        UnreadableFileError: it is not UTF-8.
    """
    whole = head if len(head) < HEAD_BYTES else head[: head.rfind(b"\n") + 1] or head
    try:
        return whole.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if len(head) == HEAD_BYTES and error.start > HEAD_BYTES - 4:  # one long line, cut inside a character
            return whole[: error.start].decode("utf-8-sig")
        raise UnreadableFileError(
            f"'{name}' is not UTF-8 text: byte {error.start} is 0x{head[error.start]:02x}; save it as UTF-8 (in Excel: "
            f"'CSV UTF-8') and import it again."
        ) from error
