"""Leases: a session handed to an annotator is theirs for a while, so that two people never label it by accident."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import duckdb

from core.active.chance import unit
from core.active.options import QueueOptions
from core.active.pool import HOLDERS, Asking, used
from core.store.frames import read_rows
from core.store.warehouse import Warehouse

Drawn = Literal["ranked", "random", "gold", "chosen"]
"""How a session came to an annotator: by the strategy, by lot, as a gold check, or because they asked for it."""

LEASE = timedelta(minutes=15)
GRACE = timedelta(minutes=2)
"""How long sessions wait for an annotator whose page was closed: they may only have refreshed it."""
RENEW_BELOW = timedelta(minutes=10)
"""A lease with more than that left is not written anew."""

_MINE = f"""
    WITH {HOLDERS}
    SELECT DISTINCT ON (session_id) session_id, sequence FROM leases AS l
    WHERE annotator = $annotator AND queue = $queue AND expires_at > $now
        AND session_id IN (SELECT session_id FROM sessions)
        AND session_id NOT IN (SELECT session_id FROM answered WHERE annotator = $annotator)
        AND session_id NOT IN (SELECT unnest($exclude::VARCHAR[]))
    ORDER BY session_id, sequence
"""
_FREE = f"""
    WITH {HOLDERS}
    SELECT unnest($candidates::VARCHAR[]) AS session_id EXCEPT FROM taken
"""
_FREE_GOLD = f"""
    WITH {HOLDERS}
    SELECT session_id FROM current_annotations
    WHERE status = 'gold' AND target_kind = 'session' AND intent IS NOT NULL AND annotator <> $annotator
        AND session_id IN (SELECT session_id FROM sessions)
        AND session_id NOT IN (SELECT session_id FROM answered WHERE annotator = $annotator)
        AND session_id NOT IN (SELECT session_id FROM leases WHERE annotator = $annotator AND expires_at > $now)
        AND session_id NOT IN (SELECT unnest($exclude::VARCHAR[]))
    GROUP BY session_id ORDER BY hash(session_id || $annotator || $seed) LIMIT $wanted
"""


@dataclass(frozen=True)
class Candidates:
    """Sessions to hand out, best first, of each kind of draw."""

    ranked: Sequence[str]
    random: Sequence[str]
    gold: Sequence[str]


def my_leases(warehouse: Warehouse, options: QueueOptions, asking: Asking) -> list[str]:
    """The annotator's own sessions of this queue that still wait for a label, in the order they were handed out."""
    rows = read_rows(warehouse, _MINE, used(_MINE, asking.parameters(options)))
    return [session_id for session_id, _ in sorted(rows, key=lambda row: row[1])]


def free_gold(warehouse: Warehouse, options: QueueOptions, asking: Asking, wanted: int) -> list[str]:
    """Sessions with a gold label that the annotator has not answered, in an order of their own."""
    if asking.reviewing or not options.gold_share:
        return []
    parameters = asking.parameters(options) | {"wanted": wanted}
    return [row[0] for row in read_rows(warehouse, _FREE_GOLD, used(_FREE_GOLD, parameters))]


def claim(
    warehouse: Warehouse, options: QueueOptions, asking: Asking, candidates: Candidates, wanted: int, share: float
) -> list[str]:
    """Lease up to `wanted` of the candidates that are still free, in one transaction of the one writer.

    Args:
        share: of them, drawn by lot.
    """

    def change(cursor: duckdb.DuckDBPyConnection) -> list[str]:
        free = _still_free(cursor, options, asking, [*candidates.ranked, *candidates.random])
        gold = [session_id for session_id in candidates.gold if session_id not in free]
        first = _handed_before(cursor, options, asking)
        kinds = (slot(options, asking.annotator, first + number, share) for number in range(wanted))
        left = Candidates(
            [one for one in candidates.ranked if one in free], [one for one in candidates.random if one in free], gold
        )
        filled = fill(kinds, left)
        _insert(cursor, options, asking, filled)
        return [session_id for session_id, _ in filled]

    return warehouse.write(change)


def claim_chosen(warehouse: Warehouse, options: QueueOptions, asking: Asking, session_id: str) -> bool:
    """Lease a session that the annotator asked for by name; False, without a lease, where it is not free."""

    def change(cursor: duckdb.DuckDBPyConnection) -> bool:
        free = session_id in _still_free(cursor, options, asking, [session_id])
        if free:
            _insert(cursor, options, asking, [(session_id, "chosen")])
        return free

    return warehouse.write(change)


def renew(warehouse: Warehouse, options: QueueOptions, asking: Asking, loaded: Sequence[str] = ()) -> None:
    """Keep the annotator's live leases of this queue alive, and take back those of `loaded` that ran out unnoticed.

    A lease is kept after its session is labelled too, so that taking the label back finds it still held.
    """
    parameters = asking.parameters(options) | {"until": asking.now + LEASE, "soon": asking.now + RENEW_BELOW}

    def change(cursor: duckdb.DuckDBPyConnection) -> None:
        extend = """UPDATE leases SET expires_at = $until
            WHERE annotator = $annotator AND queue = $queue AND expires_at > $now AND expires_at < $soon"""
        cursor.execute(extend, used(extend, parameters)).fetchall()
        lapsed = _lapsed(cursor, options, asking, loaded)
        free = _still_free(cursor, options, asking, lapsed) if lapsed else set()
        revive = """UPDATE leases SET expires_at = $until WHERE sequence IN (
            SELECT max(sequence) FROM leases WHERE annotator = $annotator AND queue = $queue
                AND list_contains($free::VARCHAR[], session_id) GROUP BY session_id)"""
        if free:
            cursor.execute(revive, used(revive, parameters | {"free": sorted(free)})).fetchall()

    if _needs_renewal(warehouse, options, asking, loaded):
        warehouse.write(change)


def let_go(warehouse: Warehouse, options: QueueOptions, asking: Asking, grace: timedelta = GRACE) -> None:
    """Give back what the annotator holds of this queue: they left it, or only load the page anew."""
    query = """UPDATE leases SET expires_at = $until WHERE annotator = $annotator AND queue = $queue
        AND expires_at > $until"""
    parameters = used(query, asking.parameters(options) | {"until": asking.now + grace})
    warehouse.write(lambda cursor: cursor.execute(query, parameters).fetchall())


def slot(options: QueueOptions, annotator: str, place: int, share: float) -> Drawn:
    """How the annotator's session number `place` of this queue is drawn: the same way whenever it is asked for.

    Random ones come at even distances (every fifth for a share of 0.2); gold checks where nobody can foresee them.
    """
    if unit("gold", annotator, options.key, str(place), str(options.seed)) < options.gold_share:
        return "gold"
    if options.queue == "random" or int((place + 1) * share + 1e-9) > int(place * share + 1e-9):
        return "random"
    return "ranked"


def fill(kinds: Iterable[Drawn], candidates: Candidates) -> list[tuple[str, Drawn]]:
    """A session for each slot, none twice. A slot whose kind has no session left takes a ranked one; it ends when
    there is none of those."""
    ranked, drawn, gold = list(candidates.ranked), list(candidates.random), list(candidates.gold)
    filled: dict[str, Drawn] = {}
    for kind in kinds:
        ranked, drawn, gold = ([one for one in part if one not in filled] for part in (ranked, drawn, gold))
        if not ranked:
            break
        source = {"gold": gold, "random": drawn}.get(kind) or ranked
        filled[source[0]] = "ranked" if source is ranked else kind
    return list(filled.items())


def _still_free(
    cursor: duckdb.DuckDBPyConnection, options: QueueOptions, asking: Asking, candidates: Sequence[str]
) -> set[str]:
    parameters = used(_FREE, asking.parameters(options) | {"candidates": list(candidates)})
    return {row[0] for row in cursor.execute(_FREE, parameters).fetchall()}


def _handed_before(cursor: duckdb.DuckDBPyConnection, options: QueueOptions, asking: Asking) -> int:
    query = "SELECT count(*) FROM leases WHERE annotator = ? AND queue = ?"
    return int(cursor.execute(query, [asking.annotator, options.key]).fetchall()[0][0])


def _insert(
    cursor: duckdb.DuckDBPyConnection, options: QueueOptions, asking: Asking, filled: list[tuple[str, Drawn]]
) -> None:
    """All in one statement: labels wait for the one writer, and a statement each kept it for as long as the cards took.

    The sequence numbers follow the order of `filled`.
    """
    if not filled:
        return
    taken = cursor.execute("SELECT nextval('lease_sequence') FROM range(?)", [len(filled)]).fetchall()
    places = ", ".join("(?, ?, ?, ?, ?, ?, ?)" for _ in filled)
    values = [
        value
        for (sequence,), (session_id, drawn) in zip(sorted(taken), filled, strict=True)
        for value in (sequence, session_id, asking.annotator, options.key, drawn, asking.now, asking.now + LEASE)
    ]
    cursor.execute(f"INSERT INTO leases VALUES {places}", values).fetchall()


def _lapsed(
    cursor: duckdb.DuckDBPyConnection, options: QueueOptions, asking: Asking, loaded: Sequence[str]
) -> list[str]:
    query = """SELECT session_id FROM leases WHERE annotator = $annotator AND queue = $queue
        AND list_contains($loaded::VARCHAR[], session_id) GROUP BY session_id HAVING max(expires_at) <= $now"""
    parameters = used(query, asking.parameters(options) | {"loaded": list(loaded)})
    return [row[0] for row in cursor.execute(query, parameters).fetchall()]


def _needs_renewal(warehouse: Warehouse, options: QueueOptions, asking: Asking, loaded: Sequence[str]) -> bool:
    """Whether anything is near its end, or over with its card still on the screen: reading is cheaper than writing."""
    query = """SELECT count(*) FROM (SELECT session_id, max(expires_at) AS last FROM leases
            WHERE annotator = $annotator AND queue = $queue GROUP BY session_id)
        WHERE last < $soon AND (last > $now OR list_contains($loaded::VARCHAR[], session_id))"""
    parameters = asking.parameters(options) | {"soon": asking.now + RENEW_BELOW, "loaded": list(loaded)}
    return bool(read_rows(warehouse, query, used(query, parameters))[0][0])
