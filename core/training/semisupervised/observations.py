"""What a hidden Markov model of intents observes of an event: a few discrete values, each in its context."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from core.model.featurizer import EventTable
from core.model.fields import CODE_INDEX, FIRST_ID, NUMBER_INDEX
from core.model.heads import level
from core.model.history import SAME_CATEGORY, SAME_ITEM

_BINS = 24
_MOST_REPEATS = 2
_SESSION_GOES_ON = FIRST_ID


@dataclass(frozen=True)
class Observation:
    """One kind of value, known at M of the events.

    rows: [M] int64 of the table; values, contexts: [M] int64 from 0 up
    """

    name: str
    rows: np.ndarray
    values: np.ndarray
    contexts: np.ndarray


def session_starts(table: EventTable) -> np.ndarray:
    """[N] bool: the event begins a session."""
    starts = _code(table, "session_start") != _SESSION_GOES_ON
    starts[table.visitor_starts] = True
    return starts


def observe(table: EventTable) -> list[Observation]:
    """Type, item choice, gap, price level, list position, and the channel that led to the session.

    A value is observed in the context that limits it (what can follow the event before, which items were seen), so
    that only the choice left to the visitor speaks for an intent. A known item's price says nothing new and counts
    once; so does what holds for a whole session.
    """
    starts = session_starts(table)
    kind = _code(table, "event_type")
    repeat = _code(table, "item_repeat")
    position, price, gap = (_number(table, name) for name in ("position", "relative_price", "gap"))
    channel = _code(table, "channel")
    seen_items = np.minimum(_before(_rank(table, "session_items"), starts), _MOST_REPEATS)
    none = np.zeros(len(table), dtype=np.int64)
    observed = [
        ("type", kind, _type_context(table, kind, starts), none == 0),
        ("item", _item_choice(table, repeat), kind * (_MOST_REPEATS + 1) + seen_items, repeat >= FIRST_ID),
        ("gap", _bins(gap), none, ~np.isnan(gap) & ~starts),
        ("price", _levels(price), none, ~np.isnan(price) & (repeat == FIRST_ID)),
        ("position", _levels(position), none, ~np.isnan(position)),
        ("channel", channel, none, starts & (channel >= FIRST_ID)),
    ]
    return list(_dense(observed))


def _dense(observed: list[tuple[str, np.ndarray, np.ndarray, np.ndarray]]) -> Iterator[Observation]:
    """Values and contexts numbered without holes; what never varies tells nothing."""
    for name, values, contexts, known in observed:
        distinct, value = np.unique(values[known], return_inverse=True)
        if len(distinct) > 1:
            yield Observation(name, np.flatnonzero(known), value, np.unique(contexts[known], return_inverse=True)[1])


def _type_context(table: EventTable, kind: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """The event before, and whether there is a cart, an item seen, an earlier purchase."""
    context = _before(kind, starts)
    for name in ("session_carts", "session_items"):
        context = 2 * context + (_before(_rank(table, name), starts) > 0)
    return 2 * context + (_rank(table, "visitor_purchases") > 0)


def _item_choice(table: EventTable, repeat: np.ndarray) -> np.ndarray:
    """How often the item was seen before, whether it is the last one, whether it is of the last category."""
    same = np.maximum(_code(table, "same_as_previous") - FIRST_ID, 0) & (SAME_ITEM | SAME_CATEGORY)
    return np.clip(repeat - FIRST_ID, 0, _MOST_REPEATS) * 4 + same


def _bins(values: np.ndarray) -> np.ndarray:
    """[N] int64: as many values in one bin as in another."""
    edges = np.nanquantile(values, np.linspace(0, 1, _BINS + 1)[1:-1]) if np.isfinite(values).any() else np.zeros(0)
    return np.searchsorted(edges, np.nan_to_num(values))


def _code(table: EventTable, name: str) -> np.ndarray:
    codes: np.ndarray = table.codes[:, CODE_INDEX[name]].astype(np.int64)
    return codes


def _number(table: EventTable, name: str) -> np.ndarray:
    return table.numbers[:, NUMBER_INDEX[name]]


def _levels(values: np.ndarray) -> np.ndarray:
    levels: np.ndarray = level(torch.from_numpy(np.nan_to_num(values))).numpy()
    return levels


def _rank(table: EventTable, name: str) -> np.ndarray:
    """[N] int64 place of a running count among the counts there are: 0 for the least."""
    return np.unique(np.round(_number(table, name), 3), return_inverse=True)[1].astype(np.int64)


def _before(values: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """The session's event before; 0 at its first."""
    return np.where(starts, 0, np.concatenate([[0], values[:-1]]))
