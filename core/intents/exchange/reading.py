"""A tool's records as lines: what a record says wrongly is told, and the others are kept."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from core.errors import InvalidAnnotationError
from core.intents.exchange.format import Line, Values
from core.intents.exchange.records import Record, read_records

_UNEXPECTED = (AttributeError, IndexError, KeyError, TypeError, ValueError)
"""What a record raises that has something else where the tool's own has a list, an object or a number."""


def read_each(path: Path, parse: Callable[[dict[str, Any]], Iterator[Values]]) -> Iterator[Line]:
    """The canonical lines of every record; `parse` raises InvalidAnnotationError where it cannot go on."""
    for record in read_records(path):
        yield from _lines(record, parse)


def _lines(record: Record, parse: Callable[[dict[str, Any]], Iterator[Values]]) -> Iterator[Line]:
    if record.value is None:
        yield Line(record.number, None, record.raw, "There is no JSON object.")
        return
    try:
        for values in parse(record.value):
            yield Line(record.number, values, record.raw)
    except InvalidAnnotationError as error:
        yield Line(record.number, None, record.raw, str(error))
    except _UNEXPECTED as error:
        yield Line(record.number, None, record.raw, f"It is not built as expected ({type(error).__name__}: {error}).")


def session_of(record: dict[str, Any]) -> str:
    """The session that a record is about.

    Raises:
        InvalidAnnotationError: it does not say.
    """
    session_id = record.get("session_id")
    if session_id in (None, ""):
        raise InvalidAnnotationError("'session_id' is missing, expected every record to name its session.")
    return str(session_id)
