"""Drifted slice: new sessions that the older ones do not resemble, by a domain classifier (Rabanser et al. 2019)."""

from typing import ClassVar

from core.active.options import QueueOptions, ScoredModel
from core.active.pool import Pool, Restriction
from core.active.query_strategies.strategy import QueryStrategy
from core.store.warehouse import Warehouse

NEWEST_SHARE = 0.2
"""The newest fifth of the sessions is compared with all before it."""

_CUTOFF = f"(SELECT quantile_disc(started_at, {1 - NEWEST_SHARE}) FROM sessions WHERE NOT is_bot)"
_TRAITS = """
    SELECT session_id, started_at, unnest([
        {'trait': 'device', 'value': device}, {'trait': 'channel', 'value': channel},
        {'trait': 'country', 'value': country}, {'trait': 'cart', 'value': has_cart::VARCHAR},
        {'trait': 'purchase', 'value': has_purchase::VARCHAR},
        {'trait': 'searched', 'value': (first_query IS NOT NULL)::VARCHAR},
        {'trait': 'events', 'value': floor(log2(event_count))::VARCHAR},
        {'trait': 'hours', 'value': (hour(started_at) // 4)::VARCHAR}
    ], recursive := true) FROM sessions
"""


class Drifted(QueryStrategy):
    """Of the newest fifth of the sessions, those first that are likeliest to be new: a naive Bayes classifier tells the
    newest from the older ones by device, channel, country, cart, purchase, searching, length and hour. Use it after a
    campaign, a redesign or a new tracker; it sees the outside of a session only, not its items."""

    name: ClassVar[str] = "drifted"

    def restriction(self, warehouse: Warehouse, options: QueueOptions, models: tuple[ScoredModel, ...]) -> Restriction:
        return Restriction(f"started_at >= {_CUTOFF}")

    def rank(self, pool: Pool, wanted: int) -> list[str]:
        """By the sum over traits of log p(value | newest) / p(value | older), each count one up (Laplace)."""
        return pool.ids(
            f""", traits AS ({_TRAITS}), counted AS (
                SELECT trait, value, count_if(started_at >= {_CUTOFF}) + 1.0 AS newest,
                    count_if(started_at < {_CUTOFF}) + 1.0 AS older
                FROM traits GROUP BY trait, value
            ), evidence AS (
                SELECT trait, value, ln(newest / sum(newest) OVER (PARTITION BY trait))
                    - ln(older / sum(older) OVER (PARTITION BY trait)) AS weight
                FROM counted
            )
            SELECT session_id FROM pool JOIN traits USING (session_id) JOIN evidence
                ON evidence.trait = traits.trait AND evidence.value IS NOT DISTINCT FROM traits.value
            GROUP BY session_id ORDER BY sum(weight) DESC, any_value(lot) LIMIT $wanted""",
            wanted=wanted,
        )
