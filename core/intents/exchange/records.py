"""The objects of a JSON file, one at a time: one a line, or one array of them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from core.errors import UnreadableFileError
from core.events.text import storable

KEPT_OF_A_RECORD = 2000
_BLOCK = 1024 * 1024
_BLANK = " \t\r\n,"


@dataclass(frozen=True)
class Record:
    """The object at a line (or place in an array, from 1); `value` None where there is none."""

    number: int
    value: dict[str, Any] | None
    raw: str


def read_records(path: Path) -> Iterator[Record]:
    """The objects of a file, blank lines passed over.

    Raises:
        UnreadableFileError: no such file, empty, not UTF-8, or an array that breaks off.
    """
    check_file(path)
    try:
        with path.open(encoding="utf-8-sig", newline="\n") as stream:
            head = stream.read(_BLOCK)
            if head.lstrip().startswith("["):
                yield from _of_array(stream, head, path)
            else:
                stream.seek(0)
                yield from _of_lines(stream)
    except UnicodeDecodeError as error:
        raise UnreadableFileError(f"'{path.name}' is not UTF-8 text ({error}); save it as UTF-8.") from error


def check_file(path: Path) -> None:
    """Refuse what is no file with content.

    Raises:
        UnreadableFileError: there is none, or it is empty.
    """
    if not path.is_file():
        raise UnreadableFileError(f"There is no file '{path}'.")
    if path.stat().st_size == 0:
        raise UnreadableFileError(f"'{path.name}' is empty, expected annotations.")


def shortened(value: Any) -> str:
    """What stood there, as JSON, for a report."""
    return json.dumps(value, ensure_ascii=False, default=str)[:KEPT_OF_A_RECORD]


def _of_lines(stream: TextIO) -> Iterator[Record]:
    for number, line in enumerate(stream, start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            value = None
        yield _record(number, value, line.rstrip("\n"))


def _of_array(stream: TextIO, text: str, path: Path) -> Iterator[Record]:
    """Decode value after value, reading on where one is cut."""
    decoder = json.JSONDecoder()
    text, number, place = text.lstrip()[1:], 0, 0
    while True:
        while place < len(text) and text[place] in _BLANK:
            place += 1
        if text[place : place + 1] == "]":
            return
        try:
            value, end = decoder.raw_decode(text, place)
            is_cut = end == len(text)  # a number may go on behind the block
        except ValueError:
            is_cut = True
        if is_cut:
            block = stream.read(_BLOCK)
            if not block:
                raise UnreadableFileError(f"'{path.name}' breaks off behind its record {number}; export it again.")
            text, place = text[place:] + block, 0
            continue
        number += 1
        yield _record(number, value, text[place:end])
        place = end


def _record(number: int, value: Any, raw: str) -> Record:
    if "\\ud" in raw or "\\uD" in raw:  # lone surrogates, which the warehouse cannot hold
        value = json.loads(storable(json.dumps(value, ensure_ascii=False)))
    return Record(number, value if isinstance(value, dict) else None, raw[:KEPT_OF_A_RECORD])
