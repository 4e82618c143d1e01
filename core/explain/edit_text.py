"""Edits as short JSON text, for addresses and for the browser's editor, and back."""

import json
from collections.abc import Sequence
from typing import Any

from core.errors import InvalidEditError
from core.explain.edits import Change, Edit, Insert, Move, Remove, Value

Plain = list[Any]
"""["r", event_id] · ["i", event_id, after, gap_s, values] · ["m", event_id, by] · ["c", event_id, values]"""


def plain_edits(edits: Sequence[Edit]) -> list[Plain]:
    """The edits as JSON values."""
    return [_plain(edit) for edit in edits]


def edits_of(plain: Any) -> tuple[Edit, ...]:
    """The edits that JSON values mean.

    Raises:
        InvalidEditError: it is not a list of edits.
    """
    if not isinstance(plain, list):
        raise InvalidEditError(f"The edits are '{str(plain)[:60]}', expected a list; reset them and edit anew.")
    return tuple(_edit(one) for one in plain)


def text_of_edits(edits: Sequence[Edit]) -> str:
    """Compact JSON, "" for none."""
    return json.dumps(plain_edits(edits), ensure_ascii=False, separators=(",", ":")) if edits else ""


def edits_of_text(text: str) -> tuple[Edit, ...]:
    """The edits that `text_of_edits` wrote.

    Raises:
        InvalidEditError: it is no such text.
    """
    if not text:
        return ()
    try:
        plain = json.loads(text)
    except ValueError as error:
        raise InvalidEditError(f"The edits '{text[:60]}' are damaged ({error}); reset them and edit anew.") from error
    return edits_of(plain)


def _plain(edit: Edit) -> Plain:
    match edit:
        case Remove():
            return ["r", edit.event_id]
        case Insert():
            return ["i", edit.event_id, edit.after, edit.gap_s, dict(edit.values)]
        case Move():
            return ["m", edit.event_id, edit.by]
        case Change():
            return ["c", edit.event_id, dict(edit.values)]


def _edit(plain: Any) -> Edit:
    match plain:
        case ["r", str(event_id)]:
            return Remove(event_id)
        case ["i", str(event_id), (str() | None) as after, (int() | float()) as gap_s, dict(values)]:
            return Insert(event_id, after, gap_s, _values(values))
        case ["m", str(event_id), int(by)]:
            return Move(event_id, by)
        case ["c", str(event_id), dict(values)]:
            return Change(event_id, _values(values))
    raise InvalidEditError(f"'{str(plain)[:80]}' is no edit, expected r, i, m or c with its values; reset the edits.")


def _values(values: dict[Any, Any]) -> tuple[tuple[str, Value], ...]:
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, str | int | float | None):
            raise InvalidEditError(f"{name} is '{str(value)[:40]}', expected a text or a number; reset the edits.")
    return tuple((str(name), value) for name, value in values.items())
