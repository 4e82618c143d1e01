"""Plain sessions first (typical before uncertain while labels are few: Hacohen et al. 2022), by kinds of behaviour."""

from typing import ClassVar

import numpy as np
import pyarrow as pa

from core.active.pool import Pool
from core.active.query_strategies.strategy import Need, QueryStrategy

SHARE = 0.2
"""Of each kind, the surest part; in the surer half too many sessions are of another intent than most."""


class Plain(QueryStrategy):
    """Of the kinds with the fewest labels in turn, by lot among the sessions whose kind is plain: the surest fifth.

    Kinds are found by pretraining without a label (core/training/semisupervised/kinds.py), half as many again as there
    are intents: roughly the intents before anybody named one, the large ones in parts. Use it for the first hundred
    labels; sessions that could be of two kinds wait, and those that came after the pretraining come last.
    """

    name: ClassVar[str] = "plain"
    needs: ClassVar[Need] = "kinds"

    def rank(self, pool: Pool, wanted: int) -> list[str]:
        found = pool.table(
            """, held AS (SELECT session_id AS held_id FROM holding UNION SELECT unnest($exclude::VARCHAR[]))
                SELECT session_id, kind, sureness, coalesce(lot, 0::UBIGINT), lot IS NOT NULL, held_id IS NOT NULL
                FROM session_kinds LEFT JOIN pool USING (session_id) LEFT JOIN held ON held_id = session_id"""
        )
        kind, sureness, lot, free, held = (found.column(place).to_numpy() for place in range(1, 6))
        chosen = plain_in_turn(kind, sureness, lot, free, held)[:wanted]
        ids: list[str] = found.column(0).take(pa.array(chosen)).to_pylist()
        return ids + (self._rest(pool, ids, wanted - len(ids)) if len(ids) < wanted else [])

    @staticmethod
    def _rest(pool: Pool, before: list[str], wanted: int) -> list[str]:
        """The unsure ones by lot, then those without a kind."""
        return pool.ids(
            """SELECT session_id FROM pool LEFT JOIN session_kinds USING (session_id)
                WHERE session_id NOT IN (SELECT unnest($before::VARCHAR[]))
                ORDER BY kind IS NULL, lot, session_id LIMIT $wanted""",
            before=before,
            wanted=wanted,
        )


def plain_in_turn(
    kind: np.ndarray, sureness: np.ndarray, lot: np.ndarray, free: np.ndarray, held: np.ndarray
) -> np.ndarray:
    """Numbers of the plain sessions that are free, in the order to ask: the kinds with the fewest held ones in turn.

    Args:
        kind: [N] int; sureness: [N] float; lot: [N], which orders a kind's sessions and kinds with equally many;
        free: [N] bool, may be asked; held: [N] bool, labelled or handed out.
    """
    plain = np.flatnonzero(free & surest_part(kind, sureness))
    plain = plain[np.lexsort((lot[plain], kind[plain]))]
    of_kind = kind[plain]
    place = np.arange(len(plain)) - np.searchsorted(of_kind, of_kind)
    turn = np.bincount(kind[held], minlength=int(kind.max(initial=0)) + 1)[of_kind] + place
    return plain[np.lexsort((lot[plain], turn))]


def surest_part(kind: np.ndarray, sureness: np.ndarray) -> np.ndarray:
    """[N] bool: among the surest of its kind."""
    least = np.ones(int(kind.max(initial=0)) + 1)
    for one in np.unique(kind):
        least[one] = np.quantile(sureness[kind == one], 1 - SHARE)
    part: np.ndarray = sureness >= least[kind]
    return part
