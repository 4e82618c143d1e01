"""Label errors by self-confidence (Northcutt et al. 2021; Kuan & Mueller 2022)."""

from typing import ClassVar

from core.active.options import QueueOptions, ScoredModel
from core.active.pool import Pool, Restriction
from core.active.query_strategies.strategy import Need, QueryStrategy
from core.store.warehouse import Warehouse

_HELD_OUT = """
    UNION ALL BY NAME
    SELECT session_id, arg_max(model, place) AS probabilities, 1 AS rank FROM read_parquet($evaluation)
    GROUP BY session_id
"""
_GIVEN = """
    SELECT session_id, arg_max(intent, sequence) AS intent, max(received_at) AS given_at FROM training_labels
    WHERE target_kind = 'session' GROUP BY session_id
"""


class LabelErrors(QueryStrategy):
    """Labelled sessions whose newest label the champion believes least first, so that somebody looks again.

    The champion must not have learnt the label it judges: its held-out sessions are taken as it saw them in training,
    and labels given after it was made by its stored predictions. Labels it learnt come last, in random order.
    """

    name: ClassVar[str] = "label_errors"
    needs: ClassVar[Need] = "model"
    random_share: ClassVar[float] = 0.0
    reviewing: ClassVar[bool] = True

    def restriction(self, warehouse: Warehouse, options: QueueOptions, models: tuple[ScoredModel, ...]) -> Restriction:
        return Restriction(f"session_id IN (SELECT session_id FROM ({_GIVEN}))")

    def rank(self, pool: Pool, wanted: int) -> list[str]:
        model = pool.models[0]
        evaluation = model.folder / "evaluation.parquet"
        held_out = _HELD_OUT if evaluation.is_file() else ""
        return pool.ids(
            f"""SELECT session_id FROM pool JOIN ({_GIVEN}) USING (session_id) LEFT JOIN (
                    SELECT session_id, arg_max(probabilities, rank) AS probabilities FROM (
                        SELECT s.session_id, s.probabilities, 0 AS rank FROM session_states AS s
                        JOIN ({_GIVEN}) AS g ON g.session_id = s.session_id AND g.given_at > $made_at
                        WHERE s.model_id = $model {held_out}) GROUP BY session_id) USING (session_id)
                ORDER BY CASE WHEN probabilities IS NOT NULL
                    THEN coalesce(list_sum(list_filter(
                        probabilities, lambda _, place: ($intents::VARCHAR[])[place] = intent)), 0) END NULLS LAST, lot
                LIMIT $wanted""",
            model=model.model_id,
            made_at=model.created_at,
            evaluation=str(evaluation),
            intents=list(model.meanings),
            wanted=wanted,
        )
