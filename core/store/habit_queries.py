"""What shoppers usually do, from the newest events: which steps follow which, what is searched for, which items."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from core.store.frames import read_rows
from core.store.warehouse import Warehouse

NEWEST_EVENTS = 100_000
LEAST_SHARE = 0.03
"""A next step rarer than this after its predecessor is not usual."""

_NEWEST = """
    SELECT session_id, occurred_at, event_id, event_type, item_id, query, text FROM events
    ORDER BY occurred_at DESC LIMIT $newest
"""


@dataclass(frozen=True)
class Habits:
    """Everything most frequent first.

    next_types: the usual types of event after each type; "" is the beginning of a session.
    items: the items most met in events of each type; a type that names none is absent.
    queries: what is searched for most. texts: what events of each type say most.
    """

    next_types: Mapping[str, tuple[str, ...]]
    items: Mapping[str, tuple[str, ...]]
    queries: tuple[str, ...]
    texts: Mapping[str, tuple[str, ...]]


def shop_habits(warehouse: Warehouse, *, most: int = 20, newest: int = NEWEST_EVENTS) -> Habits:
    """The habits of the newest events, at most `most` of each kind."""
    return Habits(
        next_types=_grouped(read_rows(warehouse, _NEXT_TYPES, {"newest": newest, "least": LEAST_SHARE})),
        items=_grouped(read_rows(warehouse, _values("item_id"), {"newest": newest, "most": most})),
        queries=_grouped(read_rows(warehouse, _values("query"), {"newest": newest, "most": most})).get("search", ()),
        texts=_grouped(read_rows(warehouse, _values("text"), {"newest": newest, "most": most})),
    )


_NEXT_TYPES = f"""
    WITH newest AS ({_NEWEST}), steps AS (
        SELECT coalesce(lag(event_type) OVER (PARTITION BY session_id ORDER BY occurred_at, event_id), '') AS before,
            event_type AS after
        FROM newest),
    counted AS (SELECT before, after, count(*) AS times FROM steps GROUP BY before, after)
    SELECT before, after FROM counted
    QUALIFY times >= $least * sum(times) OVER (PARTITION BY before)
    ORDER BY before, times DESC, after
"""


def _values(column: str) -> str:
    """The most frequent values of a column by type of event."""
    return f"""
        WITH newest AS ({_NEWEST}),
        counted AS (
            SELECT event_type, {column} AS value, count(*) AS times FROM newest
            WHERE {column} IS NOT NULL AND {column} <> '' GROUP BY ALL)
        SELECT event_type, value FROM counted
        QUALIFY row_number() OVER (PARTITION BY event_type ORDER BY times DESC, value) <= $most
        ORDER BY event_type, times DESC, value
    """


def _grouped(rows: list[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for group, value in rows:
        groups[group].append(value)
    return {group: tuple(values) for group, values in groups.items()}
