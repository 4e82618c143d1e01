"""Sessionizing and the bot heuristic, visitor by visitor in plain Python: what the warehouse's SQL must agree with."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

BOT_EVENTS = 100
BOT_SECONDS_PER_EVENT = 1.0
"""A session of so many events at less than so many seconds each was no person."""


@dataclass(frozen=True)
class Occurrence:
    """What sessionizing needs of an event; session_id is null until given by the source or derived."""

    event_id: str
    visitor_id: str
    occurred_at: datetime
    session_id: str | None = None
    session_given: bool = False


def name_sessions(events: Iterable[Occurrence], inactivity_gap_minutes: int) -> dict[str, str]:
    """The session_id of every event, by event_id.

    A given id stays. The visitor's other events are split where the time between two of them is longer than the gap; a
    stretch takes the id of its earliest event that has one, else visitor and time of its first event.
    """
    names: dict[str, str] = {}
    streams: dict[str, list[Occurrence]] = defaultdict(list)
    for event in events:
        if event.session_given and event.session_id is not None:
            names[event.event_id] = event.session_id
        else:
            streams[event.visitor_id].append(event)
    gap = timedelta(minutes=inactivity_gap_minutes)
    for stream in streams.values():
        for stretch in _stretches(sorted(stream, key=lambda event: (event.occurred_at, event.event_id)), gap):
            name = _name(stretch)
            names.update({event.event_id: name for event in stretch})
    return names


def is_bot(times: Sequence[datetime]) -> bool:
    """Whether a session with events at these times was no person's: many events, hardly any time between them."""
    if len(times) < BOT_EVENTS:
        return False
    return (max(times) - min(times)).total_seconds() < len(times) * BOT_SECONDS_PER_EVENT


def _stretches(stream: Sequence[Occurrence], gap: timedelta) -> Iterator[list[Occurrence]]:
    stretch = [stream[0]]
    for event in stream[1:]:
        if event.occurred_at - stretch[-1].occurred_at > gap:
            yield stretch
            stretch = []
        stretch.append(event)
    yield stretch


def _name(stretch: Sequence[Occurrence]) -> str:
    known = next((event.session_id for event in stretch if event.session_id is not None), None)
    at = stretch[0].occurred_at
    return known or f"{stretch[0].visitor_id}:{at:%Y%m%dT%H%M%S}.{at.microsecond // 1000:03d}"
