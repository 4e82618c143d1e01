"""The warehouse: one DuckDB file, one writer thread that commits in groups, and a fresh cursor for each read."""

import json
import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from core.clock import Clock, utc_now
from core.errors import IntentLensError, WarehouseBusyError, WarehouseWriteError
from core.settings import Settings
from core.store.changes import Changes, Topic
from core.store.known_items import KnownItems
from core.store.later import REST, RETRY_S, DeferredWork, LaterWork
from core.store.migrations import migrate

T = TypeVar("T")
Change = Callable[[duckdb.DuckDBPyConnection], T]
Ended = Callable[[bool], None]
"""Told whether it was committed."""

GROUP_SIZE = 256
"""Changes committed together at most: one disk flush serves all of them."""

LAZY_S = 0.25
"""How long a change that is on disk otherwise (`submit`, lazy) waits for others to be committed with it."""

CATCH_UP_S = 5.0
"""How long a read waits for such changes; of a disk that takes longer it tells what is there."""

CHECKPOINT_MB = 64
"""So long the log of DuckDB's own may grow before it is folded into the file, which holds every change up; at 16, its
usual, each of some hundred requests met one. A start after a crash reads so much."""

REOPEN_TRIES = 20
REOPEN_WAIT_S = 0.1
"""How often, and how long apart, the file is opened again after a fatal error while readers let go of it."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Queued:
    change: Change[Any]
    future: "Future[Any]"
    lazy: bool = False


class Warehouse:
    """The open data folder. Reads take a cursor; writes are queued and acknowledged after their commit."""

    def __init__(self, settings: Settings, clock: Clock, connection: duckdb.DuckDBPyConnection) -> None:
        self.settings = settings
        self.clock = clock
        self._connection = connection
        self._queue: queue.SimpleQueue[_Queued | None] = queue.SimpleQueue()
        self._closed = False
        self._closing = threading.Lock()
        self._lazy = 0
        self._busy = False
        self._deferred: dict[DeferredWork, set[str]] = {}
        self._later_of_group: dict[DeferredWork, set[str]] = {}
        self._finished_of_group: dict[DeferredWork, set[str]] = {}
        self._changed_of_group: dict[Topic, set[str]] = {}
        self._ends: list[Ended] = []
        self.later = LaterWork()
        self.changes = Changes()
        self.known_items = KnownItems()
        self._writing = connection.cursor()
        self._writer = threading.Thread(target=self._write_until_closed, name="warehouse-writer", daemon=True)
        self._writer.start()

    @classmethod
    def open(cls, settings: Settings, *, clock: Clock = utc_now) -> "Warehouse":
        """Open the data folder for reading and writing, creating and migrating it where needed.

        Raises:
            WarehouseBusyError: another process has it open.
            WarehouseWriteError: the folder cannot be written.
        """
        try:
            settings.home.mkdir(parents=True, exist_ok=True)
            settings.media_folder.mkdir(exist_ok=True)
        except OSError as error:
            raise WarehouseWriteError(f"The data folder '{settings.home}' cannot be written: {error}.") from error
        connection = _connect(settings)
        migrate(connection, clock)
        _owner_file(settings).write_text(json.dumps({"pid": os.getpid()}), encoding="utf-8")
        return cls(settings, clock, connection)

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor of its own for one read, which sees all that was acknowledged before; several may be open at once,
        in any thread."""
        self.catch_up()
        with self.committed() as cursor:
            yield cursor

    @contextmanager
    def committed(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """As `cursor`, without what lazy changes have still to commit."""
        try:
            cursor = self._connection.cursor()
        except duckdb.ConnectionException as error:
            raise WarehouseWriteError(
                "The data folder is closed, or being opened anew after a failed write; try again in a moment."
            ) from error
        try:
            yield cursor
        finally:
            cursor.close()

    def submit(self, change: Change[T], *, lazy: bool = False) -> "Future[T]":
        """Queue a change; the future resolves after its commit, or with the error that undid it alone.

        Args:
            lazy: it is on disk otherwise and may wait for LAZY_S or the next change or read, whichever comes first.
        """
        future: Future[T] = Future()
        with self._closing:  # nothing is put behind the end
            if not self._closed:
                self._lazy += lazy
                self._queue.put(_Queued(change, future, lazy))
                return future
        future.set_exception(WarehouseWriteError("The warehouse is closed; start the server again to write."))
        return future

    def write(self, change: Change[T]) -> T:
        """Do a change and return once it is on disk."""
        return self.submit(change).result()

    def catch_up(self) -> None:
        """Return once the lazy changes submitted before are committed, or CATCH_UP_S later."""
        if self._lazy and threading.current_thread() is not self._writer:
            with suppress(TimeoutError, WarehouseWriteError):
                self.submit(lambda _: None).result(CATCH_UP_S)

    def defer(self, work: DeferredWork, subjects: Iterable[str]) -> None:
        """Called within a change: do the work before the commit, once for the subjects of all changes of its group.

        Fails the changes with it, as if each had done its part itself.
        """
        self._deferred.setdefault(work, set()).update(subjects)

    def do_later(self, work: DeferredWork, subjects: Iterable[str]) -> None:
        """Called within a change: do the work after its commit, in a transaction of its own; see `later`.

        A crash in between forgets it: who asks keeps a durable note in the change itself.
        """
        self._later_of_group.setdefault(work, set()).update(subjects)

    def finish(self, work: DeferredWork, subjects: Iterable[str]) -> None:
        """Called within a change that did the work: these subjects no longer wait for it once it is committed."""
        done = set(subjects)
        self._later_of_group.setdefault(work, set()).difference_update(done)
        self._finished_of_group.setdefault(work, set()).update(done)

    def changed(self, topic: Topic, subjects: Iterable[str] = ()) -> None:
        """Called within a change: tell whoever listens to `changes`, once it is committed."""
        subjects = set(subjects)
        self._changed_of_group.setdefault(topic, set()).update(subjects)
        if topic == "items":
            self.known_items.drop(subjects)

    def when_ended(self, end: Ended) -> None:
        """Called within a change: have `end` called once it was committed, before its future resolves, or was undone.
        In the writer's thread: it must be quick and not raise."""
        self._ends.append(end)

    def close(self) -> None:
        """Finish the queued writes, fold the log into the file and give the folder back."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        self._writer.join()
        try:
            self._connection.execute("CHECKPOINT")
        except duckdb.Error:
            _log.warning("The final checkpoint failed; the write-ahead log keeps everything.", exc_info=True)
        self._connection.close()
        _owner_file(self.settings).unlink(missing_ok=True)

    def _write_until_closed(self) -> None:
        while (group := self._next_group()) is not None:
            if group and not self._commit(group):
                for queued in group:
                    self._commit([queued])
            self._count_down(group)
            self._busy = self._busy or bool(group)
            due = self.later.due_in_s()
            if due is not None and due <= 0:
                self._work_later()
        while self._work_later():
            pass
        self._writing.close()

    def _next_group(self) -> list[_Queued] | None:
        """The changes that wait; none when work for later is due first, and None at the end."""
        due = self.later.due_in_s()
        try:
            first = self._queue.get(timeout=None if due is None else max(due, 0.001))
        except queue.Empty:
            return []
        if first is None:
            return None
        group = [first]
        linger_until = time.monotonic() + LAZY_S if first.lazy else None
        while len(group) < GROUP_SIZE:
            try:
                queued = self._next_queued(linger_until)
            except queue.Empty:
                break
            if queued is None:
                self._queue.put(None)  # the group first, then the end
                break
            group.append(queued)
            linger_until = linger_until if queued.lazy else None
        return group

    def _next_queued(self, linger_until: float | None) -> _Queued | None:
        """What is queued next, waiting for it no longer than until then or until work for later is due.

        Raises:
            queue.Empty: nothing is.
        """
        if linger_until is None:
            return self._queue.get_nowait()
        due = self.later.due_in_s()
        left = linger_until - time.monotonic()
        return self._queue.get(timeout=max(0.0, left if due is None else min(left, due)))

    def _count_down(self, group: list[_Queued]) -> None:
        with self._closing:
            self._lazy -= sum(queued.lazy for queued in group)

    def _work_later(self) -> bool:
        """Do a slice of what waits; False when nothing does, or when it failed."""
        taken = self.later.take()
        if taken is None:
            return False
        work, subjects = taken
        busy, self._busy = self._busy, False
        began = time.monotonic()
        future: Future[object] = Future()
        self._commit([_Queued(lambda cursor: work(cursor, subjects), future)])
        error = future.exception()
        if error is not None:
            _log.warning("Work after a commit failed and will be tried again: %s", error, exc_info=error)
            self.later.rest(RETRY_S)
            return False
        self.later.done(work, subjects)
        if busy:
            self.later.rest(REST * (time.monotonic() - began))
        return True

    def _commit(self, group: list[_Queued]) -> bool:
        """All changes in one transaction; False, with nothing kept, when any of them fails in a group of several."""
        self._deferred.clear()
        self._later_of_group.clear()
        self._finished_of_group.clear()
        self._changed_of_group.clear()
        self._ends.clear()
        cursor = self._writing
        try:
            cursor.execute("BEGIN")
            results = [queued.change(cursor) for queued in group]
            for work, subjects in self._deferred.items():
                work(cursor, sorted(subjects))
            cursor.execute("COMMIT")
        except Exception as error:  # a change may raise anything; it goes to whoever submitted it
            _roll_back(cursor)
            self.known_items.clear()
            for end in self._ends:
                end(False)
            if _is_fatal(error):
                self._reopen()
            if len(group) > 1:
                return False
            group[0].future.set_exception(presentable(error))
            return True
        for work, subjects in self._finished_of_group.items():
            self.later.done(work, subjects)
        for work, subjects in self._later_of_group.items():
            self.later.add(work, sorted(subjects))
        self.changes.tell(self._changed_of_group)
        for end in self._ends:
            end(True)
        for queued, result in zip(group, results, strict=True):
            queued.future.set_result(result)
        return True

    def _reopen(self) -> None:
        """Open the file anew: DuckDB answers nothing any more after a write to disk has failed.

        The file is freed only when the last reader has let go of its cursor, so this waits a little. It gives up
        without an error: the next change fails as this one did, and tries again.
        """
        _log.warning("The warehouse is opened anew after a failed write to disk.")
        self._writing.close()
        self._connection.close()
        for _ in range(REOPEN_TRIES):
            connection = _usable_connection(self.settings)
            if connection is not None:
                self._connection, self._writing = connection, connection.cursor()
                return
            time.sleep(REOPEN_WAIT_S)
        _log.error("The warehouse could not be opened anew; writes fail until the disk has room.")


def _connect(settings: Settings) -> duckdb.DuckDBPyConnection:
    config = {
        "threads": settings.threads,
        "memory_limit": f"{settings.memory_limit_mb}MB",
        "checkpoint_threshold": f"{CHECKPOINT_MB}MB",
    }
    try:
        return duckdb.connect(str(settings.warehouse_path), config=config)
    except duckdb.IOException as error:
        if "lock" not in str(error).lower():
            raise WarehouseWriteError(f"'{settings.warehouse_path}' cannot be opened: {error}.") from error
        raise WarehouseBusyError(
            f"The data folder '{settings.home}' is in use by process {_owner_pid(settings)}. "
            "Stop that server or command first, or choose another folder with --home or INTENTLENS_HOME."
        ) from error


def _usable_connection(settings: Settings) -> duckdb.DuckDBPyConnection | None:
    """A connection that answers; None, with nothing left open, while the file or what others hold of it does not."""
    try:
        connection = _connect(settings)
    except (WarehouseWriteError, WarehouseBusyError, duckdb.Error) as error:
        _log.debug("Not yet: %s", error)
        return None
    try:
        connection.execute("SELECT count(*) FROM schema_migrations").fetchall()
    except duckdb.Error as error:  # the same unusable database still, which a reader's cursor keeps alive
        _log.debug("Not yet: %s", error)
        connection.close()
        return None
    return connection


def _owner_file(settings: Settings) -> Path:
    return settings.home / "warehouse.owner.json"


def _owner_pid(settings: Settings) -> str:
    try:
        return str(json.loads(_owner_file(settings).read_text(encoding="utf-8"))["pid"])
    except (OSError, ValueError, KeyError):
        return "(unknown)"


def _roll_back(cursor: duckdb.DuckDBPyConnection) -> None:
    try:
        cursor.execute("ROLLBACK")
    except duckdb.Error:
        _log.debug("Nothing to roll back.", exc_info=True)


def _is_fatal(error: Exception) -> bool:
    """Whether the database is of no use any more, or its connection was never opened again."""
    return isinstance(error, duckdb.FatalException | duckdb.ConnectionException) or "invalidated" in str(error)


def presentable(error: Exception) -> Exception:
    """Errors of the disk in our words; everything else as it came."""
    if isinstance(error, IntentLensError) or not isinstance(
        error,
        duckdb.IOException
        | duckdb.FatalException
        | duckdb.TransactionException
        | duckdb.ConnectionException
        | duckdb.OutOfMemoryException
        | OSError,
    ):
        return error
    shown = WarehouseWriteError(
        f"The write could not be made durable and nothing of it was kept: {error}. Free some disk "
        "space (or make the data folder writable); it is taken again as soon as there is some."
    )
    shown.__cause__ = error
    return shown
