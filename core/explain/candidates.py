"""Changes of a session that could have happened: removals, and substitutions by what the shop's log really holds."""

from collections.abc import Iterator, Sequence

from core.explain.edits import Change, Edit, Remove, Row, Value
from core.store.habit_queries import Habits

TYPES_EACH = 3
QUERIES_EACH = 3
ITEMS_EACH = 2


def possible_changes(rows: Sequence[Row], habits: Habits) -> tuple[Edit, ...]:
    """For each event of a session: leave it out, do another usual thing there, search or look at something usual.

    The last event is never left out, since the prediction is the one at it.

    Args:
        rows: the session's events in order of time.
        habits: what follows what in this shop, and which queries and items are frequent.
    """
    changes: list[Edit] = []
    for at, row in enumerate(rows):
        if at < len(rows) - 1:
            changes.append(Remove(row["event_id"]))
        before = rows[at - 1]["event_type"] if at else ""
        changes += [
            Change(row["event_id"], values) for values in dict.fromkeys(_substitutes(row, rows, before, habits))
        ]
    return tuple(changes)


def _substitutes(row: Row, rows: Sequence[Row], before: str, habits: Habits) -> Iterator[tuple[tuple[str, Value], ...]]:
    usual = [kind for kind in habits.next_types.get(before, ()) if kind != row["event_type"]]
    for kind in usual[:TYPES_EACH]:
        yield _as_type(kind, row, rows, habits)
    if row["event_type"] == "search":
        for query in [one for one in habits.queries if one != row["query"]][:QUERIES_EACH]:
            yield (("query", query),)
    if row["item_id"]:
        items = habits.items.get(row["event_type"], ())
        for item_id in [one for one in items if one != row["item_id"]][:ITEMS_EACH]:
            yield (("item_id", item_id),)


def _as_type(kind: str, row: Row, rows: Sequence[Row], habits: Habits) -> tuple[tuple[str, Value], ...]:
    """The same moment as an event of another type, with what such events carry and nothing else."""
    items, texts = habits.items.get(kind, ()), habits.texts.get(kind, ())
    return (
        ("event_type", kind),
        ("item_id", _item_near(row, rows) or items[0] if items else None),
        ("query", next(iter(habits.queries), None) if kind == "search" else None),
        ("text", texts[0] if texts else None),
    )


def _item_near(row: Row, rows: Sequence[Row]) -> str | None:
    """The event's own item, else the last one the session met before it."""
    met = [one["item_id"] for one in rows[: rows.index(row) + 1] if one["item_id"]]
    return str(met[-1]) if met else None
