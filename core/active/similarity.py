"""Sessions like given ones: the cosine between a model's states of them at their last event.

Exact: all states are compared in one scan of the table (tests/benchmarks/bench_bulk.py), so nothing has to be kept in
step with it and no index to be built.
"""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from core.active.options import ScoredModel
from core.errors import NotFoundError
from core.store.frames import read_frame, read_row
from core.store.warehouse import Warehouse

MOST_EXAMPLES = 50
"""Given sessions whose mean is searched for."""


@dataclass(frozen=True)
class Likeness:
    """What to look for.

    session_ids: of several their mean is taken, each of length one. least: cosine from -1 to 1; most: how many.
    unlabeled: only sessions that nobody has labelled.
    """

    session_ids: tuple[str, ...]
    least: float = -1.0
    most: int = 100
    unlabeled: bool = False


_EXAMPLE = """
    SELECT list(mean ORDER BY place) FROM (
        SELECT place, avg(part)::FLOAT AS mean FROM (
            SELECT unnest(range(len(embedding))) AS place,
                unnest(embedding) / greatest(sqrt(list_dot_product(embedding, embedding)), 1e-12) AS part
            FROM session_states
            WHERE model_id = $model AND embedding IS NOT NULL AND session_id IN (SELECT unnest($given::VARCHAR[])))
        GROUP BY place)
"""
_SIMILAR = """
    SELECT session_id, similarity::DOUBLE AS similarity FROM (
        SELECT session_id, list_cosine_similarity(embedding, $example::FLOAT[]) AS similarity FROM session_states
        WHERE model_id = $model AND embedding IS NOT NULL {among}
    ) WHERE similarity >= $least AND NOT isnan(similarity) AND session_id NOT IN (SELECT unnest($given::VARCHAR[]))
        AND session_id IN (SELECT session_id FROM sessions WHERE NOT is_bot)
    ORDER BY similarity DESC, session_id LIMIT $most
"""
_UNLABELED = """
    AND session_id NOT IN (
        SELECT session_id FROM current_annotations WHERE intent IS NOT NULL AND status <> 'undone')
"""


def similar_sessions(warehouse: Warehouse, model: ScoredModel, like: Likeness) -> pd.DataFrame:
    """Columns session_id, similarity: the nearest first, the given ones and bots left out.

    Raises:
        NotFoundError: the model has no state of any of the given sessions.
    """
    given = list(like.session_ids)[:MOST_EXAMPLES]
    asked: dict[str, Any] = {"model": model.model_id, "given": given}
    row = read_row(warehouse, _EXAMPLE, asked)
    if row is None or row[0] is None:
        names = ", ".join(f"'{one}'" for one in given) or "(none)"
        raise NotFoundError(
            f"The model '{model.model_id}' has no embedding of {names}. Check the id on the Sessions page; a session "
            "that came after the last scoring gets one when the model is promoted or scores again."
        )
    query = _SIMILAR.format(among=_UNLABELED if like.unlabeled else "")
    return read_frame(warehouse, query, asked | {"example": row[0], "least": like.least, "most": like.most})
