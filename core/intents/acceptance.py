"""Whether people look before they agree: suggestions followed, planted wrong ones among them, and gold checks."""

import pandas as pd

from core.store.frames import read_frame
from core.store.warehouse import Warehouse

_ACCEPTANCE = """
    WITH suggested AS (
        SELECT annotator, coalesce(json_extract_string(suggestion, '$.planted') = 'true', false) AS planted,
            coalesce(json_extract_string(suggestion, '$.blind') = 'true', false) AS blind,
            intent = json_extract_string(suggestion, '$.value') AS followed,
            TRY_CAST(json_extract_string(suggestion, '$.latency_ms') AS DOUBLE) AS latency_ms
        FROM current_annotations
        WHERE intent IS NOT NULL AND target_kind = 'session' AND status <> 'undone'
            AND json_extract_string(suggestion, '$.value') IS NOT NULL
    )
    SELECT annotator,
        count_if(NOT planted AND NOT blind)::BIGINT AS shown,
        count_if(NOT planted AND NOT blind AND followed)::BIGINT AS followed,
        count_if(planted)::BIGINT AS planted, count_if(planted AND followed)::BIGINT AS planted_followed,
        count_if(blind)::BIGINT AS blind, count_if(blind AND followed)::BIGINT AS blind_followed,
        median(latency_ms) FILTER (NOT blind) AS median_latency_ms,
        median(latency_ms) FILTER (NOT blind AND followed) AS median_followed_latency_ms
    FROM suggested GROUP BY annotator ORDER BY annotator
"""


def suggestion_acceptance(warehouse: Warehouse) -> pd.DataFrame:
    """A row an annotator, of the suggestions their current session labels were given beside.

    Columns: annotator; shown, followed: the model's own suggestions, and how many of them became the label;
    planted, planted_followed: wrong ones planted on purpose; blind, blind_followed: hidden ones, and how often the
    label came out the same, which is the agreement to expect of somebody who was not told; median_latency_ms and
    median_followed_latency_ms: from shown to labelled, of all that were shown and of those followed.
    """
    return read_frame(warehouse, _ACCEPTANCE)


def gold_agreement(warehouse: Warehouse) -> pd.DataFrame:
    """Columns annotator, checks, agreed: gold sessions handed out as checks and answered, and how many as the gold.

    Of several gold labels of a session the newest counts.
    """
    query = """
        WITH gold AS (
            SELECT session_id, arg_max(intent, sequence) AS intent FROM current_annotations
            WHERE status = 'gold' AND target_kind = 'session' AND intent IS NOT NULL GROUP BY session_id
        )
        SELECT a.annotator, count(*) AS checks, count_if(a.intent = gold.intent)::BIGINT AS agreed
        FROM current_annotations AS a JOIN annotation_draws AS d USING (annotation_id)
            JOIN gold ON gold.session_id = a.session_id
        WHERE d.drawn = 'gold' AND a.target_kind = 'session' AND a.status IN ('submitted', 'disputed')
        GROUP BY a.annotator ORDER BY a.annotator
    """
    return read_frame(warehouse, query)
