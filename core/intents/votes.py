"""What annotators said of their own accord: one vote each and target, apart from the gold that settles it."""

from typing import Any

import pandas as pd

from core.intents.annotations import TargetKind
from core.store.bulk_labels import IS_BULK
from core.store.frames import read_frame
from core.store.warehouse import Warehouse

VOTES = f"""
    offered AS (SELECT intent_id FROM current_intents WHERE active), votes AS (
        SELECT * FROM (
            SELECT *, coalesce(event_id, session_id) AS target FROM resolved_annotations AS a
            WHERE status <> 'gold' AND NOT (status = 'undone' AND supersedes IN (
                SELECT annotation_id FROM annotations WHERE status = 'gold'))
            QUALIFY row_number() OVER (
                PARTITION BY target_kind, session_id, event_id, annotator ORDER BY sequence DESC) = 1)
        WHERE status IN ('submitted', 'unsure', 'disputed') AND intent IN (FROM offered) AND NOT {IS_BULK}
    ), gold AS (
        SELECT *, coalesce(event_id, session_id) AS target FROM current_annotations
        WHERE status = 'gold' AND intent IN (FROM offered)
        QUALIFY row_number() OVER (PARTITION BY target_kind, session_id, event_id ORDER BY sequence DESC) = 1
    )
"""
"""Common table expressions. An adjudicator's gold supersedes the adjudicator's own vote in the journal; the vote
counts all the same where agreement is measured, and so it does after the gold was taken back. Merged intents count as
what they were merged into; labels of intents that are not offered any more are nobody's vote: who labels the session
anew as a part of a split intent does not contradict whoever said the whole. Nor is a label given in bulk a vote: nobody
looked at its session."""


def read_votes(warehouse: Warehouse, target_kind: TargetKind | None = None) -> pd.DataFrame:
    """Every annotator's vote on every target, oldest first, with the gold intent where there is one.

    Columns: annotation_id, target_kind, session_id, event_id, target, annotator, intent, created_at, lead_time_ms,
    status, note, gold, gold_by, guideline_version. Abstentions, skips and what was taken back are left out.
    """
    query = f"""
        WITH {VOTES}
        SELECT v.annotation_id, v.target_kind, v.session_id, v.event_id, v.target, v.annotator, v.intent, v.created_at,
            v.lead_time_ms, v.status, v.note, g.intent AS gold, g.annotator AS gold_by, v.guideline_version
        FROM votes AS v LEFT JOIN gold AS g ON g.target_kind = v.target_kind AND g.target = v.target
        WHERE $1 IS NULL OR v.target_kind = $1 ORDER BY v.sequence
    """
    parameters: list[Any] = [target_kind]
    return read_frame(warehouse, query, parameters)


def read_decided(warehouse: Warehouse) -> pd.DataFrame:
    """The labels that training learns from: gold where a target has it, else every vote that is not disputed.

    A label given in bulk counts where there is neither.

    Columns: target_kind, session_id, event_id, target, annotator, intent, created_at, status.
    """
    columns = "target_kind, session_id, event_id, target, annotator, intent, created_at, status, sequence"
    query = f"""
        WITH {VOTES}, decided AS (
            SELECT {columns} FROM gold UNION ALL
            SELECT {columns} FROM votes AS v WHERE status = 'submitted' AND NOT EXISTS (
                SELECT 1 FROM gold AS g WHERE g.target_kind = v.target_kind AND g.target = v.target)
            UNION ALL
            SELECT {columns} FROM (SELECT *, session_id AS target FROM current_annotations
                WHERE {IS_BULK} AND status = 'submitted' AND intent IN (FROM offered)) AS b
            WHERE NOT EXISTS (SELECT 1 FROM gold AS g WHERE g.target_kind = b.target_kind AND g.target = b.target)
                AND NOT EXISTS (SELECT 1 FROM votes AS v WHERE v.status = 'submitted'
                    AND v.target_kind = b.target_kind AND v.target = b.target))
        SELECT * EXCLUDE (sequence) FROM decided ORDER BY sequence
    """
    return read_frame(warehouse, query)
