"""Sessions that a SQL query gives."""

from typing import ClassVar

import duckdb

from core.active.options import QueueOptions, ScoredModel
from core.active.pool import Pool, Restriction
from core.active.query_strategies.strategy import QueryStrategy
from core.errors import InvalidQueueError, RefusedQueryError
from core.store.locked_queries import READABLE_TABLES, check_select
from core.store.warehouse import Warehouse

_TABLES = (
    *READABLE_TABLES,
    "annotations",
    "current_annotations",
    "training_labels",
    "current_intents",
    "annotation_draws",
    "predictions",
    "session_states",
    "intents",
    "leases",
)


class FromSql(QueryStrategy):
    """The sessions of a SELECT in its own order. Use it where a filter cannot say what you look for."""

    name: ClassVar[str] = "sql"
    random_share: ClassVar[float] = 0.0

    def restriction(self, warehouse: Warehouse, options: QueueOptions, models: tuple[ScoredModel, ...]) -> Restriction:
        return Restriction(f"session_id IN (SELECT session_id FROM ({checked_query(warehouse, options.sql)}\n))")

    def rank(self, pool: Pool, wanted: int) -> list[str]:
        query = _plain(pool.options.sql)  # checked by the restriction
        return pool.ids(
            f"""SELECT session_id FROM pool JOIN (
                    SELECT session_id, min(place) AS place FROM (
                        SELECT session_id, row_number() OVER () AS place FROM ({query}\n)) GROUP BY session_id)
                USING (session_id) ORDER BY place, lot LIMIT $wanted""",
            wanted=wanted,
        )


def checked_query(warehouse: Warehouse, sql: str) -> str:
    """The query, if it is one SELECT over the log, its labels and predictions that gives a column session_id.

    Raises:
        InvalidQueueError: it is not; the message says why.
    """
    query = _plain(sql)
    if not query:
        raise InvalidQueueError("The query is empty, expected a SELECT such as: SELECT session_id FROM sessions.")
    try:
        checked = check_select(warehouse, query, _TABLES)
        with warehouse.cursor() as cursor:
            columns = cursor.execute(f"DESCRIBE FROM ({checked}\n)").fetchall()
    except (RefusedQueryError, duckdb.Error) as error:
        raise InvalidQueueError(str(error).strip().splitlines()[0]) from error
    types = {str(name): str(kind) for name, kind, *_ in columns}
    if "session_id" not in types:
        raise InvalidQueueError(
            f"The query gives the columns {', '.join(types)}, expected session_id among them: add it to the SELECT."
        )
    if types["session_id"] != "VARCHAR":
        raise InvalidQueueError(
            f"The query's session_id is of the type {types['session_id']}, expected the ids of sessions, as text."
        )
    return query


def _plain(sql: str) -> str:
    return sql.strip().rstrip(";").strip()
