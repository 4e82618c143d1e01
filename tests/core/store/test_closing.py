"""A warehouse that is closed while others write: every change is answered, kept or refused in words."""

import threading
from concurrent.futures import Future

from core.errors import WarehouseWriteError
from core.settings import Settings
from core.store.frames import read_value
from core.store.warehouse import Warehouse

WRITERS = 4


def test_every_change_that_races_the_end_is_answered(settings: Settings) -> None:
    warehouse = Warehouse.open(settings)
    warehouse.write(lambda cursor: cursor.execute("CREATE TABLE told (number INTEGER)"))
    submitted: list[list[Future[object]]] = [[] for _ in range(WRITERS)]
    begun = threading.Barrier(WRITERS + 1)

    def write(mine: list[Future[object]]) -> None:
        begun.wait()
        while not mine or not mine[-1].done() or mine[-1].exception() is None:
            mine.append(warehouse.submit(lambda cursor: cursor.execute("INSERT INTO told VALUES (1)").fetchall()))

    threads = [threading.Thread(target=write, args=(mine,)) for mine in submitted]
    for thread in threads:
        thread.start()
    begun.wait()
    warehouse.close()
    for thread in threads:
        thread.join()
    errors = [future.exception(timeout=10) for mine in submitted for future in mine]
    assert all(error is None or isinstance(error, WarehouseWriteError) for error in errors)
    again = Warehouse.open(settings)
    assert read_value(again, "SELECT count(*) FROM told") == errors.count(None)
    again.close()
