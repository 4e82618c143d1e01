"""The pool: the sessions one annotator may be handed now, as SQL that a query strategy ranks."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from core.active.options import QueueOptions, ScoredModel
from core.store.bulk_labels import IS_BULK
from core.store.locked_queries import time_limit
from core.store.replay_queries import REPLAYED_SESSIONS
from core.store.warehouse import Warehouse

MINIMUM_EVENTS = 2
QUERY_SECONDS = 10.0
"""A queue's query is given up after that: it may hold a user's own SQL."""

HOLDERS = f"""
    answered AS (
        SELECT session_id, annotator, status FROM current_annotations AS a
        WHERE target_kind = 'session' AND status <> 'undone' AND NOT {IS_BULK} AND (NOT $reviewing OR EXISTS (
            FROM leases AS l WHERE l.session_id = a.session_id AND l.annotator = a.annotator
                AND l.queue = $queue AND l.leased_at <= a.received_at))
    ), holding AS (
        SELECT session_id, annotator FROM answered WHERE status <> 'skipped'
        UNION
        SELECT session_id, annotator FROM leases AS l
        WHERE expires_at > $now AND drawn <> 'gold' AND (NOT $reviewing OR queue = $queue)
            AND NOT EXISTS (FROM answered AS a WHERE a.session_id = l.session_id AND a.annotator = l.annotator)
    ), taken AS (
        SELECT session_id FROM holding WHERE annotator <> $annotator GROUP BY session_id HAVING count(*) >= $overlap
        UNION ALL SELECT session_id FROM answered WHERE annotator = $annotator
        UNION ALL SELECT session_id FROM leases WHERE annotator = $annotator AND expires_at > $now
            AND (NOT $reviewing OR queue = $queue)
    )
"""
"""Who holds a session: whoever labelled it, or has a live lease of it and did not skip it. Nothing is marked as done:
a label or a skip counts from the moment it is in the journal, and no longer once it is taken back. Where labels are
reviewed, only answers given in that queue count. A label given in bulk holds nothing: what is drawn at random must
stand for all sessions, or models measured on it would be flattered."""

_IN_BULK = f"""
    SELECT session_id FROM current_annotations
    WHERE target_kind = 'session' AND status <> 'undone' AND {IS_BULK}
"""


@dataclass(frozen=True)
class Asking:
    """Who asks for sessions, when, and what is on their screen already.

    reviewing: the queue is of labelled sessions.
    """

    annotator: str
    now: datetime
    exclude: Sequence[str] = ()
    reviewing: bool = False

    def parameters(self, options: QueueOptions) -> dict[str, Any]:
        return {
            "annotator": self.annotator,
            "now": self.now,
            "exclude": list(self.exclude),
            "reviewing": self.reviewing,
            "queue": options.key,
            "overlap": options.overlap,
            "seed": str(options.seed),
            "minimum": MINIMUM_EVENTS,
        }


@dataclass(frozen=True)
class Restriction:
    """A condition on `session_id`, and its parameters."""

    condition: str = "true"
    parameters: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Pool:
    """`pool(session_id, lot)`, ready to be ranked; `lot` orders it at random, the same way for a seed.

    with_bulk: sessions labelled in bulk are in it too.
    """

    cursor: duckdb.DuckDBPyConnection
    options: QueueOptions
    models: tuple[ScoredModel, ...]
    restriction: Restriction
    parameters: dict[str, Any]
    with_bulk: bool = True

    def table(self, tail: str, **more: Any) -> pa.Table:
        """The rows of a query that reads `pool`, `whole` (taken ones too), `answered` or `holding`."""
        query = f"""WITH {HOLDERS}, whole AS (
            SELECT session_id FROM sessions
            WHERE event_count >= $minimum AND NOT is_bot AND ({self.restriction.condition})
                AND session_id NOT IN ({REPLAYED_SESSIONS})
                AND ({"true" if self.with_bulk else f"session_id NOT IN ({_IN_BULK})"})
        ), pool AS (
            SELECT session_id, hash(session_id || $seed) AS lot FROM whole
            WHERE session_id NOT IN (FROM taken) AND session_id NOT IN (SELECT unnest($exclude::VARCHAR[]))
        ) {tail}"""
        given = self.parameters | dict(self.restriction.parameters) | more
        with time_limit(self.cursor, QUERY_SECONDS):
            found: pa.Table = self.cursor.sql(query, params=used(query, given)).to_arrow_table()
        return found

    def ids(self, tail: str, **more: Any) -> list[str]:
        """The session ids such a query gives in its first column."""
        found: list[str] = self.table(tail, **more).column(0).to_pylist()
        return found

    def count(self) -> int:
        """How many sessions it holds."""
        return int(self.table("SELECT count(*) FROM pool").column(0)[0].as_py())

    def states(self, model: ScoredModel, column: str = "probabilities") -> "States":
        """The sessions that the model scored, with what it made of them at their last event."""
        found = self.table(
            f"""SELECT session_id, lot, {column} FROM pool JOIN session_states USING (session_id)
                WHERE model_id = $model AND {column} IS NOT NULL""",
            model=model.model_id,
        )
        return States(found.column(0), found.column(1).to_numpy(), matrix(found.column(2)))

    def unscored(self, model: ScoredModel, wanted: int, column: str = "probabilities") -> list[str]:
        """Those it did not score, in order of lot."""
        return self.ids(
            f"""FROM pool SELECT session_id WHERE session_id NOT IN (
                SELECT session_id FROM session_states WHERE model_id = $model AND {column} IS NOT NULL)
                ORDER BY lot LIMIT $wanted""",
            model=model.model_id,
            wanted=wanted,
        )

    def ranked_by(self, model: ScoredModel, score: np.ndarray, states: "States", wanted: int) -> list[str]:
        """The highest scores first, then those without one."""
        best = states.best(score, wanted)
        return best if len(best) == wanted else best + self.unscored(model, wanted - len(best))


@dataclass(frozen=True)
class States:
    """session_ids [N], lot [N] uint64, values [N, K] float32."""

    session_ids: pa.ChunkedArray
    lot: np.ndarray
    values: np.ndarray

    def best(self, score: np.ndarray, wanted: int) -> list[str]:
        """The ids of the `wanted` highest scores [N], the lot deciding between equal ones."""
        order = np.lexsort((self.lot, -score))[:wanted]
        ids: list[str] = self.session_ids.take(pa.array(order)).to_pylist()
        return ids


@contextmanager
def open_pool(
    warehouse: Warehouse,
    options: QueueOptions,
    asking: Asking,
    models: tuple[ScoredModel, ...] = (),
    restriction: Restriction | None = None,
) -> Iterator[Pool]:
    """The pool as of now, on a cursor of its own that cannot write."""
    with warehouse.cursor() as cursor:
        cursor.execute("BEGIN TRANSACTION READ ONLY")
        with_bulk = options.queue == "random" or asking.reviewing
        yield Pool(cursor, options, models, restriction or Restriction(), asking.parameters(options), with_bulk)


def used(query: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters that the query names: DuckDB refuses others."""
    names = set(re.findall(r"\$(\w+)", query))
    return {name: value for name, value in parameters.items() if name in names}


def matrix(lists: pa.ChunkedArray) -> np.ndarray:
    """A column of equally long lists as [N, K] float32."""
    values = lists.combine_chunks().flatten().to_numpy(zero_copy_only=False).astype(np.float32, copy=False)
    return values.reshape(len(lists), -1) if len(lists) else np.zeros((0, 1), dtype=np.float32)
