"""What a rule would do, before it is saved: how often it fires, how often it is right, and on which sessions."""

from dataclasses import dataclass

import pandas as pd

from core.errors import InvalidRuleError, RefusedQueryError
from core.store.locked_queries import locked_cursor
from core.store.warehouse import Warehouse
from core.weak.analysis import wilson_interval
from core.weak.labeling_function import LabelingFunction
from core.weak.voting import HUMAN_ANSWERS, votes_sql

EXAMPLES = 5
PREVIEW_LIMIT_S = 20.0


@dataclass(frozen=True)
class RulePreview:
    """fires: of `sessions`; correct: of `labeled`, the labeled sessions where it fires; chance: the share of its intent
    among all labels, None without any.

    examples: session_id, visitor_id, event_count, first_query, answer (None where nobody labeled); wrong ones first.
    """

    fires: int
    sessions: int
    labeled: int
    correct: int
    chance: float | None
    examples: pd.DataFrame

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval of its accuracy; None without labels."""
        return wilson_interval(self.correct, self.labeled) if self.labeled else None


def preview_rule(warehouse: Warehouse, rule: LabelingFunction) -> RulePreview:
    """Try a rule on the whole log; examples are by lot, the same ones each time.

    Raises:
        InvalidRuleError: the definition cannot be used, fails on the log, or takes longer than PREVIEW_LIMIT_S.
    """
    counted = f"""
        WITH votes AS ({votes_sql(warehouse, [rule])}), answers AS ({HUMAN_ANSWERS})
        SELECT sum(votes), count(*), count(intent) FILTER (votes = 1), count(*) FILTER (votes = 1 AND intent = $1),
            count(*) FILTER (intent = $1) / nullif(count(intent), 0)
        FROM votes LEFT JOIN answers USING (session_id)
    """
    shown = f"""
        WITH votes AS ({votes_sql(warehouse, [rule])}), answers AS ({HUMAN_ANSWERS})
        SELECT session_id, visitor_id, event_count, first_query, intent AS answer
        FROM votes JOIN sessions USING (session_id) LEFT JOIN answers USING (session_id) WHERE votes = 1
        ORDER BY intent IS NOT NULL AND intent <> ? DESC, md5(session_id) LIMIT {EXAMPLES}
    """
    try:
        with locked_cursor(warehouse, PREVIEW_LIMIT_S) as cursor:
            fires, sessions, labeled, correct, chance = cursor.execute(counted, [rule.intent]).fetchall()[0]
            examples = cursor.execute(shown, [rule.intent]).df()
    except RefusedQueryError as error:
        raise InvalidRuleError(str(error)) from error
    return RulePreview(int(fires or 0), int(sessions), int(labeled), int(correct), chance, examples)
