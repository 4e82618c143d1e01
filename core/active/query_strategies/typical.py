"""Typical sessions first (TypiClust: Hacohen et al. 2022), by what happened in them: no model is needed."""

from typing import ClassVar

import numpy as np
import pyarrow as pa

from core.active.pool import Pool
from core.active.query_strategies.strategy import Need, QueryStrategy
from core.events.schema import EVENT_TYPES

CANDIDATES = 4000
"""Of a larger pool, that many drawn by lot."""
KNOWN = 2000
"""Of what is labelled or leased, at most that many, drawn by lot."""
NEW_CLUSTERS, MOST_CLUSTERS = 10, 500
"""So many more than there are labels: a browser's queue of cards, each of a kind that has none."""
NEIGHBOURS = 20
_LEAST_SPREAD = 0.05


class Typical(QueryStrategy):
    """Sessions are sorted into ten more kinds than there are labels; of the largest kinds without a label the most
    typical one comes first. Use it for the first ten labels: it sees every common kind of session early, and no
    outliers. After them draw at random; on the sample shop it was no better then (tests/benchmarks/RESULTS.md).
    """

    name: ClassVar[str] = "typical"
    needs: ClassVar[Need] = "nothing"

    def rank(self, pool: Pool, wanted: int) -> list[str]:
        found = pool.table(
            f"""SELECT c.session_id, known, {_counts()} FROM (
                    (SELECT session_id, lot, false AS known FROM pool ORDER BY lot LIMIT $candidates)
                    UNION ALL (SELECT session_id, hash(session_id || $seed), true FROM (
                        SELECT session_id FROM holding UNION SELECT unnest($exclude::VARCHAR[]))
                        ORDER BY 2, 1 LIMIT $most_known)) AS c
                JOIN events AS e USING (session_id) GROUP BY c.session_id, c.lot, known ORDER BY c.lot, c.session_id""",
            candidates=max(CANDIDATES, wanted),
            most_known=KNOWN,
        )
        known = found.column(1).to_numpy(zero_copy_only=False).astype(bool)
        chosen = typical_of_each(_points(found), known, wanted, pool.options.seed)
        ids: list[str] = found.column(0).take(pa.array(chosen)).to_pylist()
        return ids


def prepare() -> None:
    """Load what this queue clusters by, so that its first ask does not wait for it."""
    import sklearn.cluster  # noqa: F401


def typical_of_each(points: np.ndarray, known: np.ndarray, wanted: int, seed: int) -> np.ndarray:
    """Row numbers of the most typical point of each cluster, those with the fewest known points and the largest first.

    Args:
        points: [N, d] float32; known: [N] bool, labelled already.
        wanted: fewer only where there are no more unknown ones.
    """
    from sklearn.cluster import KMeans  # takes a second to load; see prepare

    points = points.round(3)  # what differs by less than that is the same, also to k-means
    clusters = min(int(known.sum()) + NEW_CLUSTERS, MOST_CLUSTERS, len(np.unique(points, axis=0)))
    if not clusters:
        return np.zeros(0, dtype=np.int64)
    place = KMeans(clusters, n_init=1, random_state=seed).fit_predict(points)
    size = np.bincount(place, minlength=clusters)
    inside = np.bincount(place[known], minlength=clusters)
    free = ~known
    chosen: list[int] = []
    while len(chosen) < wanted and free.any():
        for cluster in np.lexsort((-size, inside)):
            rows = np.flatnonzero(free & (place == cluster))
            if len(rows) and len(chosen) < wanted:
                chosen.append(int(rows[_typicality(points[rows]).argmax()]))
                free[chosen[-1]] = False
                inside[cluster] += 1
    return np.array(chosen, dtype=np.int64)


def _typicality(points: np.ndarray) -> np.ndarray:
    """Minus the mean distance of each point [n, d] to its nearest ones: [n]."""
    squares = np.square(points).sum(axis=1)
    distances = np.sqrt(np.maximum(squares[:, None] + squares[None] - 2 * points @ points.T, 0.0))
    nearest = min(NEIGHBOURS, len(points))
    typicality: np.ndarray = -np.partition(distances, nearest - 1, axis=1)[:, :nearest].mean(axis=1)
    return typicality


def _counts() -> str:
    return ", ".join(f"count(*) FILTER (e.event_type = '{name}')" for name in EVENT_TYPES)


def _points(found: pa.Table) -> np.ndarray:
    counts = [found.column(place).to_numpy() for place in range(2, found.num_columns)]
    return behavior_points(np.stack(counts, axis=1))


def behavior_points(counts: np.ndarray) -> np.ndarray:
    """How often each type of event happened [N, T] as points [N, T] float32: on the scale of logarithms, divided by the
    root of each type's spread, so that rare types count for more than as they are, and for less than common ones.
    """
    points = np.log1p(counts.astype(np.float32))
    if not len(points):
        return points
    scaled: np.ndarray = (points - points.mean(axis=0)) / np.sqrt(np.maximum(points.std(axis=0), _LEAST_SPREAD))
    return scaled.astype(np.float32)
