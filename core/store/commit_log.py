"""A commit log: records are on disk before the warehouse has them, in two files that are written in turn.

As databases do it (P. O'Neil et al., "The log-structured merge-tree", 1996, and the commit logs after it): one short
write in order and one flush acknowledge what the tables take over later, many together. The files are filled with zeros
once, so that a flush writes the record alone and not a new length of the file as well: a third to a sixth of the time.
"""

import os
import struct
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.files import sync

FILE_BYTES = 2**20
"""Size of each file; it grows only while the warehouse takes nothing over."""

LOG_ID_BYTES = 16
_MAGIC = b"ILCL0001"
_FILE_HEAD = struct.Struct(f"<8s{LOG_ID_BYTES}sII")  # magic, log, length of the head, its checksum
_RECORD_HEAD = struct.Struct("<IIQ")  # length of the payload, checksum, sequence
_flush = getattr(os, "fdatasync", os.fsync)


@dataclass(frozen=True)
class Record:
    """A payload that was appended, its place in the order of all, and the head of the file it was found in."""

    sequence: int
    payload: bytes
    head: bytes


class CommitLog:
    """For one thread, but for `applied`."""

    def __init__(self, folder: Path, log_id: bytes, head: bytes, *, after: int = 0) -> None:
        """Touches no file before the first `append`.

        Args:
            log_id: LOG_ID_BYTES that only the warehouse these records are for has.
            head: what is needed to understand the payloads; kept at the start of each file.
            after: the sequence of the newest record ever appended.
        """
        self._folder, self._log_id, self._head = folder, log_id, head
        self._files = [_LogFile(path) for path in _paths(folder)]
        self._sequence = after
        self._applied = after

    def append(self, payloads: Sequence[bytes]) -> int:
        """Put records behind all others; they are on disk when this returns.

        Returns:
            The sequence of the last.

        Raises:
            OSError: the disk refused; none of them counts.
        """
        first = self._sequence + 1
        self._sequence += len(payloads)  # also if this fails: what it leaves behind is older than what follows
        data = b"".join(_framed(first + place, payload) for place, payload in enumerate(payloads))
        self._turn(len(data))
        self._files[0].write(data, self._sequence)
        return self._sequence

    def applied(self, sequence: int) -> None:
        """Everything up to this record is in the warehouse: its place may be written over. From any thread."""
        self._applied = max(self._applied, sequence)

    def remove(self) -> None:
        """Delete the files; everything in them was applied."""
        for file in self._files:
            file.close()
        remove_log(self._folder)

    def _turn(self, size: int) -> None:
        """Begin a file anew where the present one is full and the other's records are applied."""
        present, other = self._files
        if present.end and present.end + size <= FILE_BYTES:
            return
        if present.end and present.newest > self._applied:
            if other.newest > self._applied:
                return  # both are needed: the present one grows
            self._files = [other, present]
        self._folder.mkdir(exist_ok=True)
        self._files[0].begin(
            _FILE_HEAD.pack(_MAGIC, self._log_id, len(self._head), zlib.crc32(self._head)) + self._head
        )


class _LogFile:
    """One of the two; `end`: where the next record goes, 0 before the head; `newest`: the last one's sequence."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        self.end = 0
        self.newest = 0

    def begin(self, head: bytes) -> None:
        """Write the head over whatever was there, which counts no more."""
        if self._descriptor is None:
            self._descriptor = _filled_file(self._path)
        os.ftruncate(self._descriptor, FILE_BYTES)
        self.end = 0
        self.write(head, self.newest)

    def write(self, data: bytes, newest: int) -> None:
        if self._descriptor is None:
            raise ValueError("the file was not begun, expected a call of begin() before.")
        os.lseek(self._descriptor, self.end, os.SEEK_SET)
        left = memoryview(data)
        while left:
            left = left[os.write(self._descriptor, left) :]
        _flush(self._descriptor)
        self.end += len(data)
        self.newest = newest

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def read_log(folder: Path, log_id: bytes) -> list[Record]:
    """What a crash has left, in order; of another warehouse's log nothing."""
    found = [record for path in _paths(folder) if path.is_file() for record in _records(path.read_bytes(), log_id)]
    return sorted(found, key=lambda record: record.sequence)


def remove_log(folder: Path) -> None:
    """Delete the files of a log; the folder too, unless it holds something else."""
    for path in _paths(folder):
        path.unlink(missing_ok=True)
    with suppress(OSError):
        folder.rmdir()


def _paths(folder: Path) -> tuple[Path, Path]:
    return folder / "a.log", folder / "b.log"


def _filled_file(path: Path) -> int:
    """A file of zeros of FILE_BYTES, on disk with its name."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    try:
        left = memoryview(bytes(FILE_BYTES))
        while left:
            left = left[os.write(descriptor, left) :]
        os.fsync(descriptor)
        sync(path.parent)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _framed(sequence: int, payload: bytes) -> bytes:
    return _RECORD_HEAD.pack(len(payload), _checksum(sequence, payload), sequence) + payload


def _checksum(sequence: int, payload: bytes) -> int:
    return zlib.crc32(payload, sequence & 0xFFFFFFFF)


def _records(data: bytes, log_id: bytes) -> list[Record]:
    """The whole records of a file: behind them is a torn one, one of an earlier round, or nothing."""
    if len(data) < _FILE_HEAD.size:
        return []
    magic, of_log, length, checksum = _FILE_HEAD.unpack_from(data)
    place = _FILE_HEAD.size + length
    head = data[_FILE_HEAD.size : place]
    if (magic, of_log) != (_MAGIC, log_id) or zlib.crc32(head) != checksum:
        return []
    records: list[Record] = []
    while place + _RECORD_HEAD.size <= len(data):
        length, checksum, sequence = _RECORD_HEAD.unpack_from(data, place)
        place += _RECORD_HEAD.size
        payload = data[place : place + length]
        is_next = not records or sequence > records[-1].sequence
        if sequence == 0 or not is_next or len(payload) < length or _checksum(sequence, payload) != checksum:
            break
        records.append(Record(sequence, payload, head))
        place += length
    return records
