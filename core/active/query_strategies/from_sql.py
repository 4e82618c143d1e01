"""Sessions that a SQL query gives."""

from typing import ClassVar

from core.active.options import QueueOptions, ScoredModel
from core.active.pool import Pool, Restriction
from core.active.query_strategies.strategy import QueryStrategy
from core.store.guarded_query import checked_query
from core.store.warehouse import Warehouse


class FromSql(QueryStrategy):
    """The sessions of a SELECT in its own order. Use it where a filter cannot say what you look for."""

    name: ClassVar[str] = "sql"
    random_share: ClassVar[float] = 0.0

    def restriction(self, warehouse: Warehouse, options: QueueOptions, models: tuple[ScoredModel, ...]) -> Restriction:
        return Restriction(f"session_id IN (SELECT session_id FROM ({checked_query(warehouse, options.sql)}\n))")

    def rank(self, pool: Pool, wanted: int) -> list[str]:
        query = pool.options.sql.strip().rstrip(";").strip()  # checked by the restriction
        return pool.ids(
            f"""SELECT session_id FROM pool JOIN (
                    SELECT session_id, min(place) AS place FROM (
                        SELECT session_id, row_number() OVER () AS place FROM ({query}\n)) GROUP BY session_id)
                USING (session_id) ORDER BY place, lot LIMIT $wanted""",
            wanted=wanted,
        )
