"""What if the session had gone otherwise: edits of its events as values, applied purely.

The rules of time: a removed event leaves the others where they were; an inserted one comes `gap_s` after its
predecessor and all later events come that much later; a moved one changes places with those it passes, the moments
themselves stay; a changed gap moves the event and everything after it.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from core.errors import InvalidEditError
from core.events.schema import EVENT_TYPES

Value = str | float | None
Row = dict[str, Any]
"""One event by EVENT_COLUMNS, null ones None."""

EDITABLE: tuple[str, ...] = ("event_type", "item_id", "query", "text", "price")
GAP = "gap_s"
"""Name of the pause before an event, in seconds, among the values of a Change."""

MOST_GAP_S = 30 * 86_400
MOST_CHARACTERS = 500
MOST_EDITS = 60
_OF_ITEM = ("category", "brand", "price", "currency")
"""What an event may repeat of its item; forgotten when the item changes, so that the new item's own counts."""

_TICK = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Remove:
    """The event did not happen."""

    event_id: str


@dataclass(frozen=True)
class Insert:
    """One event more, `gap_s` seconds after the event `after` (None: before the session's first by so much)."""

    event_id: str
    after: str | None
    gap_s: float
    values: tuple[tuple[str, Value], ...]


@dataclass(frozen=True)
class Move:
    """The event changes places with its neighbours, `by` places down (up where negative), as far as there are any."""

    event_id: str
    by: int


@dataclass(frozen=True)
class Change:
    """The event had other values: EDITABLE ones, and GAP for the pause before it. None is no value."""

    event_id: str
    values: tuple[tuple[str, Value], ...]


Edit = Remove | Insert | Move | Change


def changed(event_id: str, **values: Value) -> Change:
    """A Change by keyword."""
    return Change(event_id, tuple(values.items()))


def apply_edits(rows: Sequence[Row], edits: Sequence[Edit]) -> list[Row]:
    """A session's events after the edits, one by one in their order; `rows` are in order of time and stay as they are.

    Raises:
        InvalidEditError: an edit names an event that is not there, a value that cannot be, or leaves no event.
    """
    if len(edits) > MOST_EDITS:
        raise InvalidEditError(f"There are {len(edits)} edits, expected at most {MOST_EDITS}; undo some.")
    result = [dict(row) for row in rows]
    for edit in edits:
        result = _apply(result, edit)
    if not result:
        raise InvalidEditError("No event is left, expected at least one; put one back.")
    return result if not edits else _in_strict_order(result)


def split_sessions(rows: Sequence[Row], longest_gap_s: float) -> list[Row]:
    """Name a new session wherever the pause is longer than `longest_gap_s`, as sessionizing would have done."""
    result: list[Row] = []
    number = 0
    for at, row in enumerate(rows):
        if at and (row["occurred_at"] - rows[at - 1]["occurred_at"]).total_seconds() > longest_gap_s:
            number += 1
        result.append(row | {"session_id": f"{row['session_id']}~{number + 1}"} if number else dict(row))
    return result


def longest_gap_s(rows: Sequence[Row], inactivity_gap_minutes: int) -> float:
    """The pause that does not yet end this session: the setting, or what the session already bridges."""
    pauses = [
        (after["occurred_at"] - before["occurred_at"]).total_seconds() for before, after in itertools.pairwise(rows)
    ]
    return max([60.0 * inactivity_gap_minutes, *pauses])


def _apply(rows: list[Row], edit: Edit) -> list[Row]:
    match edit:
        case Remove():
            at = _place(rows, edit.event_id)
            return rows[:at] + rows[at + 1 :]
        case Insert():
            return _insert(rows, edit)
        case Move():
            return _move(rows, _place(rows, edit.event_id), edit.by)
        case Change():
            return _change(rows, _place(rows, edit.event_id), dict(edit.values))


def _insert(rows: list[Row], edit: Insert) -> list[Row]:
    if any(row["event_id"] == edit.event_id for row in rows):
        raise InvalidEditError(f"There is an event '{edit.event_id}' already; give the inserted one another id.")
    if not rows:
        raise InvalidEditError("There is no event to insert beside; put one back first.")
    pause = _pause(edit.gap_s)
    before = -1 if edit.after is None else _place(rows, edit.after)
    beside = rows[max(before, 0)]
    at = beside["occurred_at"] + (pause if edit.after is not None else -pause)
    kept = ("visitor_id", "user_id", "session_id", "device", "channel", "country", "source")
    blank: Row = dict.fromkeys(beside) | {name: beside[name] for name in kept}
    new = blank | {"event_id": edit.event_id, "occurred_at": at, "received_at": at, "event_type": "view"}
    new = _with_values(new, dict(edit.values))
    later = rows[before + 1 :] if edit.after is None else _later(rows[before + 1 :], pause)
    return [*rows[: before + 1], new, *later]


def _move(rows: list[Row], at: int, by: int) -> list[Row]:
    """The moments stay in their places; what happened at them changes."""
    to = min(max(at + by, 0), len(rows) - 1)
    order = [row for number, row in enumerate(rows) if number != at]
    order.insert(to, rows[at])
    moments = ("occurred_at", "received_at")
    return [row | {name: rows[number][name] for name in moments} for number, row in enumerate(order)]


def _change(rows: list[Row], at: int, values: dict[str, Value]) -> list[Row]:
    result = list(rows)
    if GAP in values:
        if at == 0:
            raise InvalidEditError("The first event has no pause before it; change the pause of a later event.")
        wanted = rows[at - 1]["occurred_at"] + _pause(values.pop(GAP))
        result[at:] = _later(rows[at:], wanted - rows[at]["occurred_at"])
    result[at] = _with_values(result[at], values)
    return result


def _later(rows: Sequence[Row], by: timedelta) -> list[Row]:
    return [row | {name: row[name] + by for name in ("occurred_at", "received_at")} for row in rows]


def _with_values(row: Row, values: dict[str, Value]) -> Row:
    result = dict(row)
    for name, value in values.items():
        if name not in EDITABLE:
            raise InvalidEditError(f"'{name}' cannot be changed, only {', '.join((*EDITABLE, GAP))}.")
        if name == "event_type" and value != row["event_type"]:
            result["event_name"] = None  # the source's own name of what it was
        if name == "item_id" and value != row["item_id"]:
            result |= dict.fromkeys(name for name in _OF_ITEM if name not in values)
        result[name] = _checked(name, value)
    return result


def _checked(name: str, value: Value) -> Value:
    if name == "event_type":
        if value not in EVENT_TYPES:
            raise InvalidEditError(f"event_type is '{value}', expected one of {', '.join(EVENT_TYPES)}.")
        return value
    if value is None or value == "":
        return None
    if name == "price":
        if isinstance(value, str) or not 0 <= value < 1e12:
            raise InvalidEditError(f"price is '{value}', expected a number from 0.")
        return float(value)
    if not isinstance(value, str) or len(value) > MOST_CHARACTERS:
        raise InvalidEditError(f"{name} is '{str(value)[:40]}', expected a text of at most {MOST_CHARACTERS} letters.")
    return value


def _pause(seconds: Value) -> timedelta:
    if isinstance(seconds, str) or seconds is None or not 0 <= seconds <= MOST_GAP_S:
        raise InvalidEditError(f"The pause is '{seconds}' seconds, expected a number from 0 to {MOST_GAP_S:,}.")
    return timedelta(seconds=float(seconds))


def _place(rows: Sequence[Row], event_id: str) -> int:
    for at, row in enumerate(rows):
        if row["event_id"] == event_id:
            return at
    raise InvalidEditError(f"The event '{event_id}' is not in the session as edited so far; undo the last edit.")


def _in_strict_order(rows: list[Row]) -> list[Row]:
    """Events of one moment are read by their ids: where that would turn the order round, the later waits a tick."""
    for at in range(1, len(rows)):
        before, row = rows[at - 1], rows[at]
        if (row["occurred_at"], row["event_id"]) < (before["occurred_at"], before["event_id"]):
            rows[at] = row | {"occurred_at": before["occurred_at"] + _TICK}
    return rows
