"""Reading server-sent events (WHATWG HTML, section 9.2.6): lines into events."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class ServerEvent:
    """One event; `retry_ms` where the server says how long to wait before coming back."""

    id: str
    kind: str
    data: str
    retry_ms: int | None = None


def read_events(lines: Iterable[str]) -> Iterator[ServerEvent]:
    """The events of a stream, also those without data that carry a new id or `retry`."""
    event_id = told_id = kind = ""
    data: list[str] = []
    retry_ms: int | None = None
    for line in lines:
        if not line:
            if data or retry_ms is not None or event_id != told_id:
                told_id = event_id
                yield ServerEvent(event_id, kind or "message", "\n".join(data), retry_ms)
            kind, data, retry_ms = "", [], None
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "id":
            event_id = value
        elif name == "event":
            kind = value
        elif name == "data":
            data.append(value)
        elif name == "retry" and value.isascii() and value.isdigit():
            retry_ms = int(value)
