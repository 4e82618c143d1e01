"""The session each event will be in, before `core.store.session_derivation` derives it: its rules in Python."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True)
class DerivedSession:
    """The newest session that was not given by the source: its name, and when its last event was."""

    name: str
    last_at: datetime


def next_session(
    latest: DerivedSession | None, event: Mapping[str, Any], gap: timedelta
) -> tuple[str, DerivedSession | None]:
    """The session of a visitor's next event, and the newest derived one from then on.

    Args:
        latest: the newest derived session before the event. Given sessions in between do not end it.
        event: visitor_id, occurred_at, session_id (None unless given).
    """
    if event["session_id"] is not None:
        return event["session_id"], latest
    at: datetime = event["occurred_at"]
    name = latest.name if latest is not None and at - latest.last_at <= gap else session_name(event["visitor_id"], at)
    return name, DerivedSession(name, at)


def stored_sessions(events: Sequence[Mapping[str, Any]], gap: timedelta) -> tuple[list[str], DerivedSession | None]:
    """The sessions of a visitor's stored events in order, and the newest derived one.

    A derived session has the name of its earliest event that has one already.

    Args:
        events: visitor_id, occurred_at, session_id (given, derived, or None), session_given.
    """
    names: list[str] = [event["session_id"] or "" for event in events]
    run: list[int] = []
    latest: DerivedSession | None = None
    for place, event in enumerate(events):
        if event["session_given"]:
            continue
        if run and event["occurred_at"] - events[run[-1]]["occurred_at"] > gap:
            _name(events, run, names)
            run = []
        run.append(place)
    if run:
        _name(events, run, names)
        latest = DerivedSession(names[run[-1]], events[run[-1]]["occurred_at"])
    return names, latest


def _name(events: Sequence[Mapping[str, Any]], run: Sequence[int], names: list[str]) -> None:
    first = events[run[0]]
    name = next((names[place] for place in run if names[place]), None)
    name = name or session_name(first["visitor_id"], first["occurred_at"])
    for place in run:
        names[place] = name


def session_name(visitor_id: str, at: datetime) -> str:
    """The name of a derived session that begins then."""
    return f"{visitor_id}:{at:%Y%m%dT%H%M%S}.{at.microsecond // 1000:03}"
