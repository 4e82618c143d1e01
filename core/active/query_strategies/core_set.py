"""Core-set by greedy k-centre (Sener & Savarese 2018, algorithm 1)."""

from typing import ClassVar

import numpy as np

from core.active.pool import Pool, matrix
from core.active.query_strategies.strategy import Need, QueryStrategy

CANDIDATES = 20_000
"""Of a larger pool, that many drawn by lot are looked at: farthest points of a sample, in time to label."""
CENTRES = 512
"""Of what is labelled or leased, that many drawn by lot stand for all of it."""


class CoreSet(QueryStrategy):
    """The session farthest from all labelled ones first, by its state in the model. Use it to see every kind of session
    early; it likes outliers, and says nothing of what the model does not know."""

    name: ClassVar[str] = "core_set"
    needs: ClassVar[Need] = "embeddings"

    def rank(self, pool: Pool, wanted: int) -> list[str]:
        model = pool.models[0]
        found = pool.table(
            """SELECT session_id, embedding FROM (FROM pool ORDER BY lot LIMIT $candidates)
                JOIN session_states USING (session_id)
                WHERE model_id = $model AND embedding IS NOT NULL ORDER BY lot""",
            model=model.model_id,
            candidates=max(CANDIDATES, wanted),
        )
        chosen = k_centre_greedy(matrix(found.column(1)), self._centres(pool), wanted)
        ids: list[str] = found.column(0).take(chosen).to_pylist()
        missing = wanted - len(ids)
        return ids + (pool.unscored(model, missing, "embedding") if missing else [])

    def _centres(self, pool: Pool) -> np.ndarray:
        """[C, d]: sessions that are labelled, leased or on the screen."""
        found = pool.table(
            """SELECT embedding FROM session_states JOIN (
                    SELECT session_id FROM holding UNION SELECT unnest($exclude::VARCHAR[])) USING (session_id)
                WHERE model_id = $model AND embedding IS NOT NULL
                ORDER BY hash(session_id || $seed) LIMIT $centres""",
            model=pool.models[0].model_id,
            centres=CENTRES,
        )
        return matrix(found.column(0))


def k_centre_greedy(points: np.ndarray, centres: np.ndarray, wanted: int) -> np.ndarray:
    """Row numbers of the points farthest from all centres and from those chosen before.

    Args:
        points: [N, d] float32.
        centres: [C, d] float32; without any the first point is the first one chosen.
    """
    if not len(points):
        return np.zeros(0, dtype=np.int64)
    nearest = _nearest(points, centres) if len(centres) else np.full(len(points), np.inf)
    chosen: list[int] = []
    for _ in range(min(wanted, len(points))):
        farthest = int(nearest.argmax())
        chosen.append(farthest)
        nearest = np.minimum(nearest, _distances(points, points[farthest]))
        nearest[farthest] = -np.inf
    return np.array(chosen, dtype=np.int64)


def _nearest(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Squared distance of each point to its nearest centre: [N]."""
    squares = np.square(points).sum(axis=1)
    result = np.full(len(points), np.inf)
    for start in range(0, len(centres), 64):
        part = centres[start : start + 64]
        cross = squares[:, None] - 2 * points @ part.T + np.square(part).sum(axis=1)[None]
        result = np.minimum(result, cross.min(axis=1))
    nearest: np.ndarray = np.maximum(result, 0.0)
    return nearest


def _distances(points: np.ndarray, centre: np.ndarray) -> np.ndarray:
    difference = points - centre
    result: np.ndarray = np.einsum("nd,nd->n", difference, difference)
    return result
