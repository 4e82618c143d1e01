"""Sessions of collected events: derived soon after the commit, at once for who reads them, and after a crash."""

from collections.abc import Iterable, Sequence
from functools import cache, partial

import duckdb
import pyarrow as pa

from core.store.frames import read_rows
from core.store.later import SLICE, DeferredWork
from core.store.session_derivation import derive_sessions
from core.store.warehouse import Warehouse

_LEFT = """
    SELECT visitor_id FROM pending_sessions
    UNION SELECT visitor_id FROM events WHERE session_id IS NULL AND import_id IS NULL
"""
"""An event without a session tells by itself that it waits; imports have a recovery of their own."""


def queue_sessions(
    warehouse: Warehouse, cursor: duckdb.DuckDBPyConnection, visitor_ids: Sequence[str], given: Sequence[str]
) -> None:
    """Called within a change that added events of these visitors: derive their sessions soon after it.

    Args:
        given: those of them with events whose session was given, which do not show that they wait; they are noted in
            `pending_sessions` until then.
    """
    if given:
        cursor.execute("INSERT INTO pending_sessions SELECT unnest(?::VARCHAR[])", [list(given)]).fetchall()
    warehouse.do_later(_deriver(warehouse.settings.inactivity_gap_minutes), visitor_ids)


def settle_sessions(warehouse: Warehouse, visitor_ids: Iterable[str] | None = None) -> None:
    """Return once every event committed before has its session, of these visitors or of all.

    Raises:
        WarehouseWriteError: the disk refused.
    """
    warehouse.catch_up()
    derive = _deriver(warehouse.settings.inactivity_gap_minutes)
    waiting = warehouse.later.pending(derive, visitor_ids)
    for start in range(0, len(waiting), SLICE):
        part = waiting[start : start + SLICE]
        warehouse.write(partial(_derive_now, warehouse, derive, part))


def _derive_now(
    warehouse: Warehouse, derive: DeferredWork, visitor_ids: Sequence[str], cursor: duckdb.DuckDBPyConnection
) -> None:
    derive(cursor, visitor_ids)
    warehouse.finish(derive, visitor_ids)


def resume_sessions(warehouse: Warehouse) -> int:
    """Queue again what a crash left waiting; returns of how many visitors."""
    left = [visitor_id for (visitor_id,) in read_rows(warehouse, _LEFT)]
    warehouse.later.add(_deriver(warehouse.settings.inactivity_gap_minutes), left)
    warehouse.submit(lambda cursor: None)  # wakes the writer
    return len(left)


@cache
def _deriver(gap: int) -> DeferredWork:
    """Deriving by this gap, always the same object, so that a visitor waits but once."""

    def derive(cursor: duckdb.DuckDBPyConnection, visitor_ids: Sequence[str]) -> None:
        derive_sessions(cursor, gap, visitor_ids)
        cursor.register("derived_rows", pa.table({"visitor_id": pa.array(visitor_ids, pa.string())}))
        cursor.execute("DELETE FROM pending_sessions WHERE visitor_id IN (FROM derived_rows)").fetchall()
        cursor.unregister("derived_rows")

    return derive
