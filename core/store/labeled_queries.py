"""Labelled sessions and events: those that training learns from, and the newest with the streams around them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from core.events.schema import EVENT_COLUMNS
from core.store.bulk_labels import IS_BULK
from core.store.frames import read_frame, read_rows
from core.store.replay_queries import REPLAYED_SESSIONS
from core.store.warehouse import Warehouse

_EVENTS = ", ".join(f"e.{name}" for name in EVENT_COLUMNS)

_IS_READ = f"coalesce(NOT s.is_bot, false) AND a.session_id NOT IN ({REPLAYED_SESSIONS})"
"""A session that is part of a training's snapshot."""


@dataclass(frozen=True)
class LabelsToTeach:
    """Labelled sessions and events that a training would learn from now, and those it would leave out.

    taught: how many; by_intent: how often each intent is one of their labels, most first (annotators may differ)
    unsure, disputed: left out, since every label of theirs is one its annotator does not stand behind, or disputed
    outdated: left out, since every label's intent was retired or split; unread: of bots, replays and lost sessions
    """

    taught: int
    by_intent: dict[str, int]
    unsure: int
    disputed: int
    outdated: int
    unread: int


def labels_to_teach(warehouse: Warehouse) -> LabelsToTeach:
    """As of now, by the rules of `core.training.labels`: gold before other labels, those given in bulk last."""
    fates = f"""
        SELECT count(*) FILTER (NOT read), count(*) FILTER (read AND taught),
            count(*) FILTER (read AND NOT taught AND unsure),
            count(*) FILTER (read AND NOT taught AND NOT unsure AND disputed),
            count(*) FILTER (read AND NOT taught AND NOT unsure AND NOT disputed)
        FROM (
            SELECT bool_or({_IS_READ}) AS read, bool_or(t.annotation_id IS NOT NULL) AS taught,
                bool_or(a.status = 'unsure') AS unsure, bool_or(a.status = 'disputed') AS disputed
            FROM current_annotations AS a LEFT JOIN sessions AS s USING (session_id)
                LEFT JOIN training_labels AS t ON t.annotation_id = a.annotation_id
            WHERE a.intent IS NOT NULL AND a.status IN ('submitted', 'unsure', 'disputed', 'gold')
            GROUP BY a.target_kind, a.session_id, a.event_id)
    """
    deciding = f"""
        SELECT intent, count(*) FROM (
            SELECT DISTINCT target_kind, session_id, event_id, intent FROM (
                SELECT a.*, CASE WHEN status = 'gold' THEN 2 WHEN {IS_BULK} THEN 0 ELSE 1 END AS rank
                FROM training_labels AS a JOIN sessions AS s USING (session_id) WHERE {_IS_READ}
                QUALIFY rank = max(rank) OVER (PARTITION BY target_kind, session_id, event_id)))
        GROUP BY intent ORDER BY count(*) DESC, intent
    """
    unread, taught, unsure, disputed, outdated = read_rows(warehouse, fates)[0]
    return LabelsToTeach(taught, dict(read_rows(warehouse, deciding)), unsure, disputed, outdated, unread)


def newest_labels(warehouse: Warehouse, most: int) -> pd.DataFrame:
    """The `most` labels made last, one by one: event_id, session_id, visitor_id, answer, created_at.

    A session's label stands at its last event; of several labels of one target gold counts before others and the
    newest before older ones. Abstentions, intents not offered any more, sessions of bots and labels given in bulk are
    left out.
    """
    query = f"""
        WITH labels AS (
            SELECT target_kind, session_id, event_id, intent AS answer, created_at
            FROM training_labels WHERE NOT {IS_BULK}
            QUALIFY row_number() OVER (
                PARTITION BY target_kind, session_id, event_id
                ORDER BY status = 'gold' DESC, created_at DESC, sequence DESC) = 1
        ), placed AS (
            SELECT l.answer, l.created_at, l.target_kind, s.session_id, s.visitor_id, coalesce(l.event_id, (
                SELECT max_by(e.event_id, (e.occurred_at, e.event_id)) FROM events AS e
                WHERE e.session_id = s.session_id)) AS event_id
            FROM labels AS l JOIN sessions AS s USING (session_id) WHERE NOT s.is_bot
        )
        SELECT event_id, session_id, visitor_id, answer, created_at FROM placed WHERE event_id IS NOT NULL
        QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY target_kind) = 1
        ORDER BY created_at DESC, event_id LIMIT ?
    """
    return read_frame(warehouse, query, [most])


def streams_of(warehouse: Warehouse, visitor_ids: Sequence[str]) -> pd.DataFrame:
    """All events of these visitors, by visitor and time, sessions of bots left out; columns as EVENT_COLUMNS."""
    query = f"""
        SELECT {_EVENTS} FROM events AS e JOIN sessions AS s USING (session_id)
        WHERE NOT s.is_bot AND list_contains(?::VARCHAR[], e.visitor_id)
        ORDER BY e.visitor_id, e.occurred_at, e.event_id
    """
    return read_frame(warehouse, query, [list(visitor_ids)])


def count_labels_since(warehouse: Warehouse, since: datetime) -> int:
    """Labelled sessions and events whose label was made later than `since` (naive UTC)."""
    query = """
        SELECT count(*) FROM (SELECT DISTINCT target_kind, session_id, event_id FROM training_labels
            WHERE created_at > ?)
    """
    return int(read_rows(warehouse, query, [since])[0][0])
