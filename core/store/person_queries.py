"""Which visitors are one person: an anonymous visitor who signs in keeps id and history, and is linked to the user.

A link says "this visitor turned out to be that person". The first one counts: a shared computer on which a second user
signs in stays with the first, so that no two people's histories are mixed. Events and sessions are never rewritten:
sessions stay each visitor's own, for a phone and a computer in use at once are two sittings, and the session model and
the tracker read one visitor's events, so that a link that comes late changes no prediction.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import duckdb
import pyarrow as pa

from core.store.frames import read_rows
from core.store.identifiers import one_of
from core.store.warehouse import Warehouse

Link = tuple[str, str]
"""A visitor_id and the user_id it turned out to be."""

_PERSON_OF = "SELECT coalesce(max(person_id), ?) FROM person_links WHERE visitor_id = ?"


def add_links(cursor: duckdb.DuckDBPyConnection, links: Iterable[Link]) -> None:
    """Called within a change: link visitors who are not linked yet; whoever was linked to them moves along."""
    wanted = list(dict.fromkeys(links))
    if not wanted:
        return
    for visitor_id, user_id in _unlinked(cursor, wanted):
        person_id = cursor.execute(_PERSON_OF, [user_id, user_id]).fetchall()[0][0]
        linked = cursor.execute("SELECT 1 FROM person_links WHERE visitor_id = ?", [visitor_id]).fetchall()
        if linked or person_id == visitor_id:
            continue
        cursor.execute("INSERT INTO person_links VALUES (?, ?)", [visitor_id, person_id]).fetchall()
        cursor.execute("UPDATE person_links SET person_id = ? WHERE person_id = ?", [person_id, visitor_id]).fetchall()


def person_visitors(warehouse: Warehouse, visitor_id: str) -> list[str]:
    """The visitor_ids of the person this visitor is, itself among them, in order."""
    query = """
        WITH person AS (
            SELECT coalesce(max(person_id), $1) AS person_id FROM person_links WHERE visitor_id = $1)
        SELECT person_id FROM person UNION SELECT $1
        UNION SELECT visitor_id FROM person_links JOIN person USING (person_id) ORDER BY 1
    """
    return [found for (found,) in read_rows(warehouse, query, [visitor_id])]


@dataclass(frozen=True)
class PersonVisitor:
    """One of the visitors that are a person, and what there is of it; moments in naive UTC, None without sessions."""

    visitor_id: str
    sessions: int
    events: int
    first_at: datetime | None
    last_at: datetime | None


def visitors_of_person(warehouse: Warehouse, visitor_id: str) -> list[PersonVisitor]:
    """Everybody of `person_visitors`, in its order, by their sessions."""
    visitor_ids = person_visitors(warehouse, visitor_id)
    condition, given = one_of("visitor_id", visitor_ids)
    query = f"""
        SELECT visitor_id, count(*), sum(event_count)::BIGINT, min(started_at), max(ended_at)
        FROM sessions WHERE {condition} GROUP BY visitor_id
    """
    found = {row[0]: PersonVisitor(*row) for row in read_rows(warehouse, query, given)}
    return [found.get(one, PersonVisitor(one, 0, 0, None, None)) for one in visitor_ids]


def _unlinked(cursor: duckdb.DuckDBPyConnection, links: list[Link]) -> list[Link]:
    """Those links whose visitor has none yet, in their order, by one query, for of most it is known already."""
    visitors, users = zip(*links, strict=True)
    places = pa.array(range(len(links)), pa.int64())
    rows = pa.table({"place": places, "visitor_id": pa.array(visitors), "user_id": pa.array(users)})
    cursor.register("link_rows", rows)
    query = "SELECT visitor_id, user_id FROM link_rows ANTI JOIN person_links USING (visitor_id) ORDER BY place"
    found: list[Link] = cursor.execute(query).fetchall()
    cursor.unregister("link_rows")
    return found
