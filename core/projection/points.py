"""The points of a map: where each session is, and what is known of it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.active.options import ScoredModel
from core.store.warehouse import Warehouse

REACH = 32_000
"""Coordinates are whole numbers up to that in both directions: two bytes each, finer than any screen."""

_POINTS = """
    WITH said AS (
        SELECT session_id, arg_max(intent, (status = 'gold', sequence)) AS intent,
            arg_max(intent, sequence) FILTER (annotator = $annotator) AS mine
        FROM current_annotations
        WHERE target_kind = 'session' AND intent IS NOT NULL AND status <> 'undone' GROUP BY session_id
    ), states AS (
        SELECT session_id, $intents[list_position(probabilities, list_max(probabilities))] AS predicted,
            list_max(probabilities)::FLOAT AS score
        FROM session_states WHERE model_id = $model
    )
    SELECT m.session_id, m.x, m.y, s.event_count AS events, p.predicted, p.score, a.intent AS said, a.mine
    FROM drawn_map AS m JOIN sessions AS s USING (session_id) LEFT JOIN states AS p USING (session_id)
    LEFT JOIN said AS a USING (session_id) WHERE NOT s.is_bot ORDER BY hash(m.session_id), m.session_id
"""


def session_points(warehouse: Warehouse, model: ScoredModel, layout: pd.DataFrame, annotator: str) -> pd.DataFrame:
    """Columns session_id, x, y (int16), events, predicted, score, said (gold first, else the newest label), mine.

    Args:
        layout: columns session_id, x, y.
    """
    placed = layout.assign(**scaled(layout["x"].to_numpy(), layout["y"].to_numpy()))
    asked = {"annotator": annotator, "intents": list(model.intents), "model": model.model_id}
    with warehouse.cursor() as cursor:
        cursor.register("drawn_map", placed)
        points: pd.DataFrame = cursor.execute(_POINTS, asked).df()
    return points


def scaled(x: np.ndarray, y: np.ndarray) -> dict[str, np.ndarray]:
    """Coordinates [N] as int16 within REACH about the middle, both by one scale."""
    if not len(x):
        return {"x": np.zeros(0, dtype=np.int16), "y": np.zeros(0, dtype=np.int16)}
    middles = [(values.min() + values.max()) / 2 for values in (x, y)]
    most = max(np.abs(x - middles[0]).max(), np.abs(y - middles[1]).max(), 1e-9)
    return {
        name: np.round((values - middle) / most * REACH).astype(np.int16)
        for name, values, middle in (("x", x, middles[0]), ("y", y, middles[1]))
    }


def inside(outline: Sequence[Sequence[float]], x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """[N] bool: the points within an outline ([[x, y], …], closed by itself), by the even-odd rule."""
    corners = np.asarray(outline, dtype=np.float64).reshape(-1, 2)
    result = np.zeros(len(x), dtype=bool)
    if len(corners) < 3:
        return result
    for (ax, ay), (bx, by) in zip(corners, np.roll(corners, 1, axis=0), strict=True):
        if ay == by:
            continue
        crosses = ((ay > y) != (by > y)) & (x < (bx - ax) * (y - ay) / (by - ay) + ax)
        result ^= crosses
    return result
