"""What a model makes of chosen sessions."""

from collections.abc import Sequence

import pandas as pd

from core.active.options import ScoredModel
from core.store.frames import read_frame, read_rows
from core.store.warehouse import Warehouse

_LIKELIEST = """
    SELECT session_id, list_position(probabilities, list_max(probabilities)) AS place,
        list_max(probabilities)::DOUBLE AS score
    FROM session_states WHERE model_id = $model AND session_id IN (SELECT unnest($sessions::VARCHAR[]))
"""


def predicted_mix(warehouse: Warehouse, model: ScoredModel, session_ids: Sequence[str]) -> pd.DataFrame:
    """Columns intent, sessions, score (mean probability): the likeliest intent of each session, most first."""
    query = f"""
        SELECT $intents[place] AS intent, count(*) AS sessions, avg(score) AS score FROM ({_LIKELIEST})
        GROUP BY intent ORDER BY sessions DESC, intent
    """
    asked = {"model": model.model_id, "sessions": list(session_ids), "intents": list(model.intents)}
    return read_frame(warehouse, query, asked)


def predicted_intents(
    warehouse: Warehouse, model: ScoredModel, session_ids: Sequence[str]
) -> dict[str, tuple[str, float]]:
    """The likeliest intent of each session and its probability; sessions the model has not scored are left out."""
    asked = {"model": model.model_id, "sessions": list(session_ids)}
    rows = read_rows(warehouse, _LIKELIEST, asked)
    return {session_id: (model.intents[place - 1], score) for session_id, place, score in rows}
