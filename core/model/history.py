"""What an event owes to its visitor's past: gaps, repeats and running counts.

Two ways to the same numbers: `history_columns` over whole frames, vectorised, and `VisitorHistory`, one event at a
time for real-time tracking. A property test holds them equal.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

SESSION_GAP_SECONDS = 1800.0
"""Starts a session where the events carry no session_id (Coveo and GA definition: 30 minutes)."""

_ITEM_REPEAT_CAP = 4
NO_REPEAT = -1
"""item_repeat of an event without an item."""

SAME_ITEM, SAME_CATEGORY, SAME_QUERY = 1, 2, 4
"""Bits of same_as_previous: the item and category of the event just before, a query already made this session."""

SESSION_GOES_ON, SESSION_STARTS, VISITOR_STARTS = 0, 1, 2


@dataclass(frozen=True)
class HistoryRow:
    """The history columns of one event; names are those of fields.py."""

    gap: float
    item_repeat: int
    same_as_previous: int
    session_start: int
    session_events: int
    session_items: int
    session_searches: int
    session_carts: int
    visitor_sessions: int
    visitor_purchases: int


HISTORY_COLUMNS: tuple[str, ...] = tuple(HistoryRow.__dataclass_fields__)


@dataclass
class _Session:
    """Running state of the visitor's current session."""

    session_id: str
    events: int = 0
    searches: int = 0
    carts: int = 0
    items: Counter[str] = field(default_factory=Counter)
    queries: set[str] = field(default_factory=set)
    last_item: str = ""
    last_category: str = ""


class VisitorHistory:
    """Running state of one visitor's stream; `advance` takes the next event and returns its history columns."""

    def __init__(self) -> None:
        self.last_at: datetime | None = None
        self.sessions = 0
        self.purchases = 0
        self._session: _Session | None = None

    def copy(self) -> "VisitorHistory":
        """One that goes on alone."""
        twin = VisitorHistory()
        twin.last_at, twin.sessions, twin.purchases = self.last_at, self.sessions, self.purchases
        if (session := self._session) is not None:
            twin._session = replace(session, items=session.items.copy(), queries=session.queries.copy())
        return twin

    @property
    def remembered(self) -> int:
        """Items and queries of the current session, by which its memory grows."""
        return 0 if self._session is None else len(self._session.items) + len(self._session.queries)

    def advance(self, event: Mapping[str, Any], category: str) -> HistoryRow:
        """Take one event (canonical columns; `category` is the event's or else its item's, "" if none)."""
        at: datetime = event["occurred_at"]
        gap = float("nan") if self.last_at is None else max((at - self.last_at).total_seconds(), 0.0)
        start = self._start(_text(event, "session_id"), gap)
        session = self._enter(start, _text(event, "session_id"))
        row = self._row(session, event, category, gap, start)
        self.purchases += event["event_type"] == "purchase"
        self.last_at = at
        return row

    def _start(self, session_id: str, gap: float) -> int:
        if self._session is None:
            return VISITOR_STARTS
        changed = session_id != self._session.session_id or (not session_id and gap > SESSION_GAP_SECONDS)
        return SESSION_STARTS if changed else SESSION_GOES_ON

    def _enter(self, start: int, session_id: str) -> _Session:
        if self._session is None or start != SESSION_GOES_ON:
            self._session = _Session(session_id)
            self.sessions += 1
        return self._session

    def _row(self, session: _Session, event: Mapping[str, Any], category: str, gap: float, start: int) -> HistoryRow:
        item, query = _text(event, "item_id"), _text(event, "query")
        repeat = min(session.items[item], _ITEM_REPEAT_CAP) if item else NO_REPEAT
        same = SAME_ITEM * (item != "" and item == session.last_item)
        same |= SAME_CATEGORY * (category != "" and category == session.last_category)
        same |= SAME_QUERY * (query in session.queries)
        session.events += 1
        session.searches += event["event_type"] == "search"
        session.carts += event["event_type"] == "add_to_cart"
        session.last_item, session.last_category = item, category
        if item:
            session.items[item] += 1
        if query:
            session.queries.add(query)
        return HistoryRow(
            gap=gap,
            item_repeat=repeat,
            same_as_previous=same,
            session_start=start,
            session_events=session.events,
            session_items=len(session.items),
            session_searches=session.searches,
            session_carts=session.carts,
            visitor_sessions=self.sessions,
            visitor_purchases=self.purchases,
        )


def _text(event: Mapping[str, Any], column: str) -> str:
    value = event.get(column)
    return value if isinstance(value, str) else ""


def history_columns(events: pd.DataFrame, category: np.ndarray) -> dict[str, np.ndarray]:
    """The history columns of N events.

    Args:
        events: EVENT_COLUMNS sorted by visitor_id, occurred_at, event_id.
        category: [N] int codes of the effective category, negative = none.

    Returns:
        [N] arrays by HISTORY_COLUMNS; gap in seconds, NaN at a visitor's first event.
    """
    total = len(events)
    visitor = codes_of(events["visitor_id"])
    session = codes_of(events["session_id"])
    first = np.ones(total, dtype=bool)
    first[1:] = visitor[1:] != visitor[:-1]
    seconds = events["occurred_at"].to_numpy().astype("datetime64[us]").astype(np.int64) / 1e6
    gap = np.full(total, np.nan)
    gap[1:] = np.maximum(seconds[1:] - seconds[:-1], 0.0)
    gap[first] = np.nan
    starts = first.copy()
    starts[1:] |= session[1:] != session[:-1]
    starts |= (session < 0) & (np.nan_to_num(gap) > SESSION_GAP_SECONDS)
    run = np.cumsum(starts) - 1
    types = events["event_type"].to_numpy(dtype=object)
    purchases = _running(types == "purchase", visitor_starts(visitor)[_group(first)])
    columns = _within_session(events, run, starts, types, category)
    return columns | {
        "gap": gap,
        "session_start": np.where(first, VISITOR_STARTS, np.where(starts, SESSION_STARTS, SESSION_GOES_ON)),
        "visitor_sessions": _running(starts, visitor_starts(visitor)[_group(first)]),
        "visitor_purchases": purchases - (types == "purchase"),
    }


def codes_of(values: pd.Series) -> np.ndarray:
    """[N] int64 codes of a column's distinct values, -1 where null or empty."""
    codes, distinct = pd.factorize(values)
    empty = np.flatnonzero(np.asarray(distinct, dtype=object) == "")
    return np.where(codes == empty[0], -1, codes) if len(empty) else codes


def visitor_starts(visitor: np.ndarray) -> np.ndarray:
    """Row numbers at which a new visitor's stream begins, for [N] codes of contiguous visitors."""
    if not len(visitor):
        return np.zeros(0, dtype=np.int64)
    return np.concatenate([[0], np.flatnonzero(visitor[1:] != visitor[:-1]) + 1])


def _group(starts: np.ndarray) -> np.ndarray:
    return np.cumsum(starts) - 1


def _running(flags: np.ndarray, group_start: np.ndarray) -> np.ndarray:
    """Count of flags from each row's group start up to and including the row."""
    total = np.cumsum(flags)
    return total - (total - flags)[group_start]


def _within_session(
    events: pd.DataFrame, run: np.ndarray, starts: np.ndarray, types: np.ndarray, category: np.ndarray
) -> dict[str, np.ndarray]:
    start = np.flatnonzero(starts)[run] if len(run) else run
    item, query = codes_of(events["item_id"]), codes_of(events["query"])
    seen_item, seen_query = _seen_before(run, item), _seen_before(run, query)
    same_item = _same_as_previous(item, starts)
    same_category = _same_as_previous(category, starts)
    return {
        "item_repeat": np.where(item < 0, NO_REPEAT, np.minimum(seen_item, _ITEM_REPEAT_CAP)),
        "same_as_previous": SAME_ITEM * same_item
        + SAME_CATEGORY * same_category
        + SAME_QUERY * ((query >= 0) & (seen_query > 0)),
        "session_events": np.arange(len(run)) - start + 1,
        "session_items": _running((item >= 0) & (seen_item == 0), start),
        "session_searches": _running(types == "search", start),
        "session_carts": _running(types == "add_to_cart", start),
    }


def _seen_before(run: np.ndarray, value: np.ndarray) -> np.ndarray:
    """How often each row's value occurred earlier in its session."""
    key = run.astype(np.int64) * (value.max(initial=0) + 2) + value + 1
    return pd.Series(key).groupby(key, sort=False).cumcount().to_numpy()


def _same_as_previous(value: np.ndarray, starts: np.ndarray) -> np.ndarray:
    same = np.zeros(len(value), dtype=bool)
    same[1:] = (value[1:] == value[:-1]) & (value[1:] >= 0) & ~starts[1:]
    return same
