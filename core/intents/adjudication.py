"""Disputes: sessions and events on which annotators differ or are unsure, settled by a gold annotation."""

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from core.intents.annotations import Annotation, TargetKind, submit_annotations, undo_annotation
from core.intents.history import restored
from core.intents.taxonomy import current_version
from core.intents.votes import VOTES
from core.store.frames import read_frame, read_row, read_value
from core.store.warehouse import Warehouse

_DISPUTES = f"""
    WITH {VOTES}, targets AS (
        SELECT target_kind, session_id, event_id, target, count(DISTINCT intent) AS intents, count(*) AS votes,
            list(DISTINCT intent) AS said, count(*) FILTER (status IN ('unsure', 'disputed')) AS unsure,
            max(created_at) AS last_at
        FROM votes AS v WHERE NOT EXISTS (
            SELECT 1 FROM gold AS g WHERE g.target_kind = v.target_kind AND g.target = v.target)
        GROUP BY ALL HAVING count(DISTINCT intent) > 1 OR count(*) FILTER (status IN ('unsure', 'disputed')) > 0
    ), disputes AS (
        SELECT t.*, s.visitor_id FROM targets AS t JOIN sessions AS s USING (session_id)
        WHERE ($kind IS NULL OR target_kind = $kind) AND ($intent IS NULL OR list_contains(said, $intent))
    )
"""
"""A session that an import has split or renamed since has nothing to show; its votes stay in the history."""


@dataclass(frozen=True)
class Target:
    """What was labeled: a session, or one event of it."""

    target_kind: TargetKind
    session_id: str
    event_id: str | None

    @property
    def id(self) -> str:
        return self.event_id or self.session_id


def list_disputes(
    warehouse: Warehouse,
    *,
    target_kind: TargetKind | None = None,
    intent: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> pd.DataFrame:
    """Targets with different votes or an unsure one and no gold, those of most votes first.

    Columns: target_kind, session_id, event_id, target, intents, votes, said, unsure, last_at, visitor_id.
    """
    query = f"""{_DISPUTES} SELECT * FROM disputes
        ORDER BY votes DESC, intents DESC, last_at, session_id, event_id LIMIT $limit OFFSET $offset"""
    parameters = {"kind": target_kind, "intent": intent, "limit": limit, "offset": offset}
    return read_frame(warehouse, query, parameters)


def count_disputes(warehouse: Warehouse, *, target_kind: TargetKind | None = None, intent: str | None = None) -> int:
    """How many targets wait to be settled."""
    query = f"{_DISPUTES} SELECT count(*) FROM disputes"
    return int(read_value(warehouse, query, {"kind": target_kind, "intent": intent}))


def votes_on(warehouse: Warehouse, target: Target) -> pd.DataFrame:
    """What each annotator said of a target, oldest first: annotator, intent, created_at, lead_time_ms, status, note."""
    query = f"""
        WITH {VOTES} SELECT annotator, intent, created_at, lead_time_ms, status, note FROM votes
        WHERE target_kind = ? AND session_id = ? AND event_id IS NOT DISTINCT FROM ? ORDER BY sequence
    """
    return read_frame(warehouse, query, [target.target_kind, target.session_id, target.event_id])


def settle(
    warehouse: Warehouse,
    target: Target,
    intent: str,
    *,
    adjudicator: str,
    seen: int,
    note: str | None = None,
    lead_time_ms: int | None = None,
) -> str | None:
    """Decide a target by a gold annotation.

    Args:
        seen: `journal_place` when the target was shown; a second press on the same view decides nothing anew.

    Returns:
        The gold's client_id, by which `take_back` undoes it; None, with nothing decided, where somebody else has
        labelled or settled the target since it was shown.

    Raises:
        UnknownIntentError, InvalidAnnotationError: as `submit_annotations`.
    """
    client_id = f"gold:{adjudicator}:{target.target_kind}:{target.id}:{seen}"
    gold = Annotation(
        annotation_id=client_id,
        client_id=client_id,
        target_kind=target.target_kind,
        session_id=target.session_id,
        event_id=target.event_id,
        intent=intent,
        annotator=adjudicator,
        created_at=warehouse.clock(),
        lead_time_ms=lead_time_ms,
        status="gold",
        note=note or None,
        guideline_version=current_version(warehouse).guideline_version,
    )
    about = [target.target_kind, target.session_id, target.event_id]
    settled = submit_annotations(
        warehouse, [gold], where=lambda cursor: cursor.execute(_PLACE, about).fetchall() == [(seen,)]
    )
    known = settled or read_row(warehouse, "SELECT client_id FROM annotations WHERE client_id = ?", [client_id])
    return client_id if known else None


_PLACE = """
    SELECT coalesce(max(sequence), 0) FROM annotations
    WHERE target_kind = ? AND session_id = ? AND event_id IS NOT DISTINCT FROM ?
"""


def journal_place(warehouse: Warehouse, target: Target) -> int:
    """How far the journal had come when the target was last written about; 0 where it never was."""
    return int(read_value(warehouse, _PLACE, [target.target_kind, target.session_id, target.event_id]))


def take_back(warehouse: Warehouse, client_id: str, *, adjudicator: str) -> bool:
    """Undo a decision: the dispute is open again, and what the adjudicator had said before stands as it was.

    Returns:
        False where the gold is no longer the adjudicator's current word.
    """
    own = _superseded(warehouse, client_id, adjudicator)
    if own is None:
        return undo_annotation(warehouse, client_id, annotator=adjudicator)
    return submit_annotations(warehouse, [restored(own, client_id, warehouse.clock())]) == 1


def _superseded(warehouse: Warehouse, client_id: str, adjudicator: str) -> Annotation | None:
    """The adjudicator's own annotation that a current gold one took the place of."""
    query = """
        SELECT a.annotation_id, a.client_id, a.target_kind, a.session_id, a.event_id, a.intent, a.annotator,
            a.created_at, a.lead_time_ms, a.status, a.note
        FROM current_annotations AS g JOIN annotations AS a ON a.annotation_id = g.supersedes
        WHERE g.client_id = ? AND g.annotator = ? AND g.status = 'gold' AND a.status <> 'undone'
    """
    row = read_row(warehouse, query, [client_id, adjudicator])
    return None if row is None else Annotation(*row)


def last_decision(warehouse: Warehouse, adjudicator: str) -> tuple[str, Target, str, datetime] | None:
    """The adjudicator's newest gold that still stands: client_id, target, intent, when; None without one."""
    query = """
        SELECT client_id, target_kind, session_id, event_id, intent, created_at FROM current_annotations
        WHERE annotator = ? AND status = 'gold' ORDER BY sequence DESC LIMIT 1
    """
    row = read_row(warehouse, query, [adjudicator])
    return None if row is None else (row[0], Target(row[1], row[2], row[3]), row[4], row[5])
