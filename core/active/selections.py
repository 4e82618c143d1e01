"""What a batch of labels is about: the sessions of a filter, a query, a likeness or a part of the map, frozen."""

from collections.abc import Sequence
from dataclasses import asdict

import duckdb

from core.active.options import ScoredModel
from core.active.query_strategies.from_sql import checked_query
from core.active.similarity import Likeness, similar_sessions
from core.errors import InvalidQueueError, RefusedQueryError
from core.intents.bulk import MOST_SESSIONS, Selection
from core.store.frames import read_rows
from core.store.locked_queries import locked_cursor
from core.store.session_queries import SessionFilter, filtered_sessions
from core.store.warehouse import Warehouse


def select_filtered(warehouse: Warehouse, wanted: SessionFilter) -> Selection:
    """The sessions that a filter of the Sessions page lets through now; one more than a batch may hold at most."""
    query, parameters = filtered_sessions(wanted)
    rows = read_rows(warehouse, f"{query} LIMIT {MOST_SESSIONS + 1}", parameters)
    told = {name: str(value) for name, value in asdict(wanted).items() if value is not None}
    return Selection("filter", tuple(str(session_id) for (session_id,) in rows), told)


def select_queried(warehouse: Warehouse, sql: str) -> Selection:
    """The sessions that somebody's SELECT gives, each once, in its order.

    Raises:
        InvalidQueueError: it cannot be used, or takes too long; the message says why.
    """
    query = checked_query(warehouse, sql)
    try:
        with locked_cursor(warehouse) as cursor:
            rows = cursor.execute(f"SELECT session_id FROM ({query}\n) LIMIT {2 * MOST_SESSIONS}").fetchall()
    except (RefusedQueryError, duckdb.Error) as error:
        raise InvalidQueueError(str(error).splitlines()[0]) from error
    return Selection("sql", _once([row[0] for row in rows]), {"sql": query})


def select_similar(warehouse: Warehouse, model: ScoredModel, like: Likeness) -> Selection:
    """The sessions nearest to given ones.

    Raises:
        NotFoundError: as `similar_sessions`.
    """
    found = similar_sessions(warehouse, model, like)
    told = asdict(like) | {"model": model.model_id}
    return Selection("like", tuple(found["session_id"]), told)


def _once(session_ids: Sequence[object]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(session_id) for session_id in session_ids if session_id is not None))
