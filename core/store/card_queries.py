"""What a session's card needs, for many sessions in one read each, as records: a frame's way to them takes longer
than the query itself."""

from collections.abc import Sequence
from typing import Any

from core.store.event_queries import WITH_ITEMS
from core.store.frames import read_records
from core.store.warehouse import Warehouse

EARLIER_SESSIONS = 8
"""How many of a visitor's earlier sessions a card tells."""


def events_of_sessions(warehouse: Warehouse, session_ids: Sequence[str]) -> list[dict[str, Any]]:
    """The events of these sessions, each session's in order; columns as `session_events`."""
    query = f"""{WITH_ITEMS} WHERE e.session_id IN (SELECT unnest(?::VARCHAR[]))
        ORDER BY e.session_id, e.occurred_at, e.event_id"""
    return read_records(warehouse, query, [list(session_ids)])


def annotations_of_sessions(warehouse: Warehouse, session_ids: Sequence[str], annotator: str) -> list[dict[str, Any]]:
    """This annotator's current annotations of these sessions: session_id, event_id, intent, status, note, client_id."""
    query = """
        SELECT session_id, event_id, intent, status, note, client_id FROM (
            SELECT * FROM resolved_annotations
            WHERE annotator = $annotator AND session_id IN (SELECT unnest($sessions::VARCHAR[]))
            QUALIFY row_number() OVER (PARTITION BY target_kind, session_id, event_id ORDER BY sequence DESC) = 1)
        WHERE status <> 'undone' ORDER BY sequence
    """
    return read_records(warehouse, query, {"annotator": annotator, "sessions": list(session_ids)})


def earlier_sessions(warehouse: Warehouse, session_ids: Sequence[str], annotator: str) -> list[dict[str, Any]]:
    """What the visitors of these sessions did before, newest first, with what this annotator said of it.

    Columns: of_session_id (the later session), session_id, started_at, event_count, has_cart, has_purchase, revenue,
    first_query, intent, status, earlier (how many there are in all). At most EARLIER_SESSIONS rows a later session.
    """
    query = """
        WITH said AS (
            SELECT session_id, intent, status FROM current_annotations
            WHERE target_kind = 'session' AND annotator = $annotator AND status <> 'undone'
        )
        SELECT later.session_id AS of_session_id, s.session_id, s.started_at, s.event_count, s.has_cart,
            s.has_purchase, s.revenue, s.first_query, said.intent, said.status,
            count(*) OVER (PARTITION BY later.session_id) AS earlier
        FROM sessions AS later
        JOIN sessions AS s ON s.visitor_id = later.visitor_id AND s.started_at < later.started_at
        LEFT JOIN said ON said.session_id = s.session_id
        WHERE later.session_id IN (SELECT unnest($sessions::VARCHAR[]))
        QUALIFY row_number() OVER (PARTITION BY later.session_id ORDER BY s.started_at DESC, s.session_id) <= $most
        ORDER BY of_session_id, s.started_at DESC, s.session_id
    """
    asked = {"annotator": annotator, "sessions": list(session_ids), "most": EARLIER_SESSIONS}
    return read_records(warehouse, query, asked)
