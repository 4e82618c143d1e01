"""Which sessions an annotator should label next."""

from collections.abc import Sequence
from typing import Literal

from core.store.frames import read_frame
from core.store.warehouse import Warehouse

Queue = Literal["random", "uncertain"]

MINIMUM_EVENTS = 2
RANDOM_SHARE = 5
"""Every fifth session of the uncertain queue is a random one, kept for honest evaluation."""

_POOL = """
    WITH pool AS (
        SELECT session_id, md5(session_id || $seed) AS lot FROM sessions
        WHERE event_count >= $minimum AND NOT is_bot AND NOT list_contains($exclude::VARCHAR[], session_id)
            AND session_id NOT IN (
                SELECT session_id FROM current_annotations
                WHERE annotator = $annotator AND target_kind = 'session' AND status <> 'undone')
    )
"""

_UNCERTAIN = """
    , certainty AS (
        SELECT p.session_id, list_max(arg_max(p.probabilities, (e.occurred_at, e.event_id))) AS confidence
        FROM predictions AS p JOIN events AS e USING (event_id) JOIN pool ON pool.session_id = p.session_id
        WHERE p.model_id = $model_id GROUP BY p.session_id
    ), ranked AS (
        SELECT session_id, lot, row_number() OVER (ORDER BY confidence NULLS LAST, lot) AS place,
            row_number() OVER (ORDER BY lot) AS random_place
        FROM pool LEFT JOIN certainty USING (session_id)
    )
    SELECT session_id, least(place * $share / ($share - 1.0), random_place * $share) AS turn FROM ranked
    ORDER BY turn, lot LIMIT $limit
"""


def next_sessions(
    warehouse: Warehouse,
    *,
    annotator: str,
    limit: int,
    queue: Queue = "random",
    exclude: Sequence[str] = (),
    seed: int = 0,
    model_id: str | None = None,
) -> list[str]:
    """Sessions of at least two events that this annotator has neither labelled nor skipped; no bots.

    Args:
        queue: `random`, or `uncertain`: lowest top probability at the last event first (least confidence, Lewis &
            Gale 1994), with a fifth random ones mixed in.
        exclude: sessions already on the annotator's screen.
        seed: same seed, same order.
        model_id: the model whose predictions rank; without one the order is random.
    """
    parameters = {
        "seed": str(seed),
        "minimum": MINIMUM_EVENTS,
        "exclude": list(exclude),
        "annotator": annotator,
        "limit": limit,
    }
    if queue == "uncertain" and model_id is not None:
        ranked = parameters | {"model_id": model_id, "share": RANDOM_SHARE}
        return list(read_frame(warehouse, _POOL + _UNCERTAIN, ranked)["session_id"])
    query = f"{_POOL} SELECT session_id FROM pool ORDER BY lot LIMIT $limit"
    return list(read_frame(warehouse, query, parameters)["session_id"])
