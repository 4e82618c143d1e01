"""How far a queue is: who did how much of it, what is left, and why nothing is handed out any more."""

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from core.active.handing_out import asking_now
from core.active.leases import my_leases
from core.active.options import QueueOptions, ScoredModel
from core.active.pool import HOLDERS, open_pool, used
from core.active.query_strategies.registry import strategy_named
from core.store.frames import read_frame, read_rows
from core.store.warehouse import Warehouse

_PEOPLE = f"""
    WITH {HOLDERS}, mine AS (
        SELECT annotator, session_id, bool_or(expires_at > $now) AS live, max(expires_at) AS until
        FROM leases WHERE queue = $queue GROUP BY annotator, session_id
    )
    SELECT m.annotator, count(*) FILTER (a.status <> 'skipped') AS done,
        count(*) FILTER (a.status = 'skipped') AS skipped, count(*) FILTER (live AND a.status IS NULL) AS leased,
        max(until) FILTER (live AND a.status IS NULL) AS leased_until
    FROM mine AS m LEFT JOIN answered AS a ON a.session_id = m.session_id AND a.annotator = m.annotator
    GROUP BY m.annotator ORDER BY done DESC, m.annotator
"""
_HELD_BY_OTHERS = """
    SELECT annotator, count(DISTINCT session_id) AS leased, max(expires_at) AS leased_until FROM leases AS l
    WHERE annotator <> $annotator AND expires_at > $now AND drawn <> 'gold' AND (NOT $reviewing OR queue = $queue)
        AND session_id IN (FROM whole)
        AND NOT EXISTS (FROM answered AS a WHERE a.session_id = l.session_id AND a.annotator = l.annotator)
        AND session_id NOT IN (SELECT session_id FROM answered WHERE annotator = $annotator)
    GROUP BY annotator ORDER BY leased DESC, annotator
"""


@dataclass(frozen=True)
class Holder:
    """Somebody else who has sessions that could come back to the queue."""

    annotator: str
    leased: int
    until: datetime


@dataclass(frozen=True)
class Remaining:
    """What is left for one annotator.

    left: sessions they could still get; on_screen: leased to them and not labelled; skipped: by them, in any queue;
    others: who holds the rest.
    """

    left: int
    on_screen: int
    skipped: int
    others: tuple[Holder, ...]


def people(warehouse: Warehouse, options: QueueOptions) -> pd.DataFrame:
    """Columns annotator, done, skipped, leased, leased_until: everybody who was handed something from this queue."""
    asking = asking_now(warehouse, options, "")
    return read_frame(warehouse, _PEOPLE, used(_PEOPLE, asking.parameters(options)))


def remaining(
    warehouse: Warehouse, options: QueueOptions, *, annotator: str, models: tuple[ScoredModel, ...] = ()
) -> Remaining:
    """What is left of a queue for an annotator, and who holds the rest.

    Raises:
        InvalidQueueError: as `hand_out`.
    """
    asking = asking_now(warehouse, options, annotator)
    restriction = strategy_named(options.queue).restriction(warehouse, options, models)
    with open_pool(warehouse, options, asking, models, restriction) as pool:
        left = pool.count()
        others = pool.table(_HELD_BY_OTHERS).to_pylist()
    on_screen = len(my_leases(warehouse, options, asking))
    skipped = """SELECT count(DISTINCT session_id) FROM current_annotations
        WHERE annotator = ? AND target_kind = 'session' AND status = 'skipped'"""
    return Remaining(
        left + on_screen,
        on_screen,
        int(read_rows(warehouse, skipped, [annotator])[0][0]),
        tuple(Holder(*row.values()) for row in others),
    )
