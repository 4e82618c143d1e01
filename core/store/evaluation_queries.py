"""What is known of the sessions a model was evaluated on."""

from collections.abc import Sequence

import pandas as pd

from core.store.frames import read_frame
from core.store.warehouse import Warehouse


def session_traits(warehouse: Warehouse, session_ids: Sequence[str]) -> pd.DataFrame:
    """A row for each of the sessions that is there, by session_id.

    Columns: session_id, started_at, device, channel, earlier_sessions (of the same visitor), words (its queries and
    texts in one string, or null), trail (its event types in order).
    """
    query = """
        WITH said AS (
            SELECT session_id, list(event_type ORDER BY occurred_at, event_id) AS trail,
                string_agg(concat_ws(' ', query, text), ' ' ORDER BY occurred_at, event_id)
                    FILTER (query IS NOT NULL OR text IS NOT NULL) AS words
            FROM events WHERE list_contains($sessions, session_id) GROUP BY session_id
        )
        SELECT s.session_id, s.started_at, s.device, s.channel, words, trail,
            (SELECT count(*) FROM sessions AS o WHERE o.visitor_id = s.visitor_id AND o.started_at < s.started_at)
                AS earlier_sessions
        FROM sessions AS s JOIN said USING (session_id) ORDER BY s.session_id
    """
    return read_frame(warehouse, query, {"sessions": list(session_ids)})


def states_beside(warehouse: Warehouse, first: str, second: str, limit: int) -> pd.DataFrame:
    """What two models said at the last event of the latest sessions that both scored, the latest first.

    Columns: session_id, visitor_id, event_id, first, second (lists of probabilities). Sessions that went on between the
    two scorings, and bots, are left out.
    """
    query = """
        SELECT s.session_id, s.visitor_id, a.event_id, a.probabilities AS first, b.probabilities AS second
        FROM session_states AS a JOIN session_states AS b USING (session_id, event_id)
            JOIN sessions AS s USING (session_id)
        WHERE a.model_id = $first AND b.model_id = $second AND NOT s.is_bot
        ORDER BY s.started_at DESC, s.session_id LIMIT $limit
    """
    return read_frame(warehouse, query, {"first": first, "second": second, "limit": limit})
