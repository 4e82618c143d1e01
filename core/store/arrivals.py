"""Small posts of trackers: acknowledged from the commit log, and stored many together soon after.

To commit one event alone costs the warehouse some 2 ms of two threads, whatever it holds; to commit twenty costs hardly
more. What is logged and not stored yet is stored before anything else is read or written (`Warehouse.cursor`), and
after a crash before anything is read at all (`resume_arrivals`).
"""

import logging
import queue
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from core.errors import WarehouseWriteError
from core.store.arrival_record import decode, encode, head_of_records
from core.store.collect_queries import Arrival, OnStoring, arrival_of, first_copies, store_arrival, stored_events
from core.store.commit_log import CommitLog, Record, read_log, remove_log
from core.store.frames import read_rows
from core.store.person_queries import Link
from core.store.set_aside import set_aside
from core.store.warehouse import Ended, Warehouse, presentable

MOST_PENDING = 20_000
"""Posts, and new events of them, that may be logged and not stored; with more, `ready` is False."""

POSTS_A_COMMIT = 500
"""Of those a crash has left."""

RETRY_S = 1.0
"""How long storing rests after the disk has refused it."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Waiting:
    arrival: Arrival
    on_storing: OnStoring | None
    future: "Future[frozenset[str]]"


@dataclass(frozen=True)
class _Logged:
    """new: the event_ids of the arrival that were."""

    sequence: int
    arrival: Arrival
    new: frozenset[str]


class Arrivals:
    """One per server. What the last one has left is stored first."""

    def __init__(self, warehouse: Warehouse) -> None:
        resume_arrivals(warehouse)
        self._warehouse = warehouse
        log_id, position = _position(warehouse)
        self._log = CommitLog(warehouse.settings.commit_log_folder, log_id, head_of_records(), after=position)
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._pending: list[_Logged] = []
        self._pending_ids: set[str] = set()
        self._asked = False
        self._refused = False
        self._singly = False
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="commit-log", daemon=True)
        self._thread.start()

    @property
    def ready(self) -> bool:
        """Whether the warehouse keeps up with what is logged; if not, what comes is better left to it."""
        return not self._refused and max(len(self._pending), len(self._pending_ids)) < MOST_PENDING

    def submit(
        self,
        events: pa.Table,
        *,
        rejected: pa.Table,
        items: pa.Table,
        links: Iterable[Link] = (),
        on_storing: OnStoring | None = None,
    ) -> "Future[frozenset[str]]":
        """As `submit_collected`, for few events; whoever reads from then on sees them."""
        arrival = arrival_of(self._warehouse, events, rejected=rejected, items=items, links=links)
        waiting = _Waiting(arrival, on_storing, Future())
        self._queue.put(waiting)
        return waiting.future

    def close(self) -> None:
        """Log and store what waits, and end."""
        self._queue.put(None)
        self._thread.join()
        self._warehouse.catch_up()
        self._closed = True
        if self._pending:
            _log.warning("%d posts are logged and could not be stored; the next start stores them.", len(self._pending))
        else:
            self._log.remove()

    def _run(self) -> None:
        while (group := self._next_group()) is not None:
            self._keep(group)

    def _next_group(self) -> list[_Waiting] | None:
        """All that waits, at least one; None at the end."""
        first = self._queue.get()
        if first is None:
            return None
        group = [first]
        while True:
            try:
                further = self._queue.get_nowait()
            except queue.Empty:
                return group
            if further is None:
                self._queue.put(None)  # the group first, then the end
                return group
            group.append(further)

    def _keep(self, group: Sequence[_Waiting]) -> None:
        """Log a group and answer it; the trackers' visitors are followed while the disk works."""
        ends: list[Ended] = []
        try:
            new = self._new_of([waiting.arrival for waiting in group])
            for waiting, added in zip(group, new, strict=True):
                if waiting.on_storing is not None:
                    ends.append(waiting.on_storing(added))
            last = self._log.append([encode(waiting.arrival) for waiting in group])
        except Exception as error:  # goes to whoever sent it
            for end in ends:
                end(False)
            for waiting in group:
                waiting.future.set_exception(presentable(error))
            return
        first = last - len(group) + 1
        self._expect(
            [_Logged(first + n, w.arrival, added) for n, (w, added) in enumerate(zip(group, new, strict=True))]
        )
        for end in ends:
            end(True)
        for waiting, added in zip(group, new, strict=True):
            waiting.future.set_result(added)

    def _new_of(self, arrivals: Sequence[Arrival]) -> list[frozenset[str]]:
        """Of each arrival the event_ids that nobody sent before.

        What is pending is asked first, for it leaves only once it is stored.
        """
        ids = [arrival.events["event_id"].to_pylist() for arrival in arrivals]
        with self._lock:
            doubtful = {event_id for of_one in ids for event_id in of_one} - self._pending_ids
        with self._warehouse.committed() as cursor:
            unclaimed = doubtful - stored_events(cursor, sorted(doubtful))
        new = []
        for of_one in ids:
            new.append(unclaimed.intersection(of_one))
            unclaimed = unclaimed.difference(of_one)
        return [frozenset(one) for one in new]

    def _expect(self, logged: Sequence[_Logged]) -> None:
        with self._lock:
            self._pending += logged
            for one in logged:
                self._pending_ids |= one.new
            asked, self._asked = self._asked, True
        if not asked:
            self._ask()

    def _ask(self) -> None:
        self._warehouse.submit(self._store, lazy=True).add_done_callback(self._on_stored)

    def _store(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Store what is pending, in the writer's thread."""
        with self._lock:
            logged, self._asked = self._pending[: 1 if self._singly else None], False
        if not logged:
            return
        store_arrival(self._warehouse, cursor, _together([one.arrival for one in logged]))
        _note_position(cursor, logged[-1].sequence)
        self._warehouse.when_ended(lambda committed: self._forget(logged) if committed else None)

    def _forget(self, logged: Sequence[_Logged]) -> None:
        with self._lock:
            del self._pending[: len(logged)]
            for one in logged:
                self._pending_ids -= one.new
        self._log.applied(logged[-1].sequence)

    def _on_stored(self, done: "Future[None]") -> None:
        """In the writer's thread: go on, or try again what could not be stored."""
        error = done.exception()
        self._refused = isinstance(error, WarehouseWriteError)
        if self._refused:
            _log.warning("Logged posts could not be stored and will be tried again: %s", error)
            again = threading.Timer(RETRY_S, self._ask_again)
            again.daemon = True
            again.start()
            return
        if error is not None and self._singly:
            first = self._pending[0]
            set_aside(self._warehouse, Record(first.sequence, encode(first.arrival), head_of_records()), error)
            self._forget([first])
        self._singly = bool(self._pending) and (self._singly or error is not None)
        if self._singly:
            self._ask_again()

    def _ask_again(self) -> None:
        with self._lock:
            needed = bool(self._pending) and not self._asked and not self._closed
            self._asked = self._asked or needed
        if needed:
            self._ask()


def resume_arrivals(warehouse: Warehouse) -> int:
    """Store what a crash has left in the log; returns how many posts.

    Raises:
        WarehouseWriteError: the disk refused; nothing is lost.
    """
    folder = warehouse.settings.commit_log_folder
    log_id, position = _position(warehouse)
    left = [record for record in read_log(folder, log_id) if record.sequence > position]
    for start in range(0, len(left), POSTS_A_COMMIT):
        _store_left(warehouse, left[start : start + POSTS_A_COMMIT])
    remove_log(folder)
    return len(left)


def _store_left(warehouse: Warehouse, records: Sequence[Record]) -> None:
    """Records of a log, in one commit if they let themselves be stored."""

    def change(cursor: duckdb.DuckDBPyConnection) -> None:
        store_arrival(warehouse, cursor, _together([decode(record.payload, record.head) for record in records]))
        _note_position(cursor, records[-1].sequence)

    try:
        warehouse.write(change)
    except WarehouseWriteError:
        raise
    except Exception as error:  # whatever it was, the others are stored
        if len(records) == 1:
            set_aside(warehouse, records[0], error)
            return
        middle = len(records) // 2
        _store_left(warehouse, records[:middle])
        _store_left(warehouse, records[middle:])


def _position(warehouse: Warehouse) -> tuple[bytes, int]:
    """The id of the warehouse's log, and the newest record that is stored."""
    ((log_id, sequence),) = read_rows(warehouse, "SELECT log_id, sequence FROM commit_log")
    return log_id.bytes, sequence


def _note_position(cursor: duckdb.DuckDBPyConnection, sequence: int) -> None:
    cursor.execute("UPDATE commit_log SET sequence = ?", [sequence]).fetchall()


def _together(arrivals: Sequence[Arrival]) -> Arrival:
    """Arrivals as one, in their order."""
    if len(arrivals) == 1:
        return arrivals[0]
    return Arrival(
        events=first_copies(pa.concat_tables([one.events for one in arrivals])),
        rejected=pa.concat_tables([one.rejected for one in arrivals]),
        items=pa.concat_tables([one.items for one in arrivals]),
        links=tuple(link for one in arrivals for link in one.links),
        at=arrivals[-1].at,
    )
