"""A full disk: the write fails in plain words, and what was acknowledged before is still there."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from core.settings import Settings
from core.store.overview_queries import totals
from core.store.warehouse import Warehouse

LIMIT_BYTES = 6 * 2**20
WRITER = f"""
import json, resource, signal, sys
from pathlib import Path
from core.errors import WarehouseWriteError
from core.settings import Settings
from core.store.ingest_queries import append_events
from core.store.warehouse import Warehouse
from tests.core.store.rows import event, table
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({LIMIT_BYTES}, {LIMIT_BYTES}))
warehouse = Warehouse.open(Settings(home=Path(sys.argv[1]), sample_shop=False))
done = 0
try:
    for batch in range(1000):
        rows = [event(batch * 500 + n, visitor=f"v{{n}}", text=f"{{batch}} {{n}} " * 30) for n in range(500)]
        done += append_events(warehouse, table(*rows)).added
except WarehouseWriteError as error:
    print(json.dumps({{"done": done, "error": str(error)}}), flush=True)
import os
os._exit(0)
"""


@pytest.mark.fault
def test_a_full_disk_is_named_and_loses_nothing(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", WRITER, str(tmp_path / "home")], capture_output=True, text=True, timeout=120, check=False
    )
    assert ended.stdout.strip(), ended.stderr[-2000:]
    told = json.loads(ended.stdout)
    assert "could not be made durable" in told["error"]
    assert told["done"] > 0
    warehouse = Warehouse.open(Settings(home=tmp_path / "home", sample_shop=False))
    assert totals(warehouse).events == told["done"]
    warehouse.close()


REOPENER = f"""
import os, resource, signal, sys, threading, time
from pathlib import Path
from core.errors import WarehouseWriteError
from core.settings import Settings
from core.store.ingest_queries import append_events
from core.store.overview_queries import totals
from core.store.warehouse import Warehouse
from tests.core.store.rows import event, table
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
warehouse = Warehouse.open(Settings(home=Path(sys.argv[1]), sample_shop=False))
resource.setrlimit(resource.RLIMIT_FSIZE, ({LIMIT_BYTES}, resource.RLIM_INFINITY))
cursors = warehouse.cursor()
cursors.__enter__()
threading.Timer(0.5, lambda: cursors.__exit__(None, None, None)).start()
done = 0
def add(batch):
    rows = [event(batch * 500 + n, visitor=f"v{{n}}", text=f"{{batch}} {{n}} " * 30) for n in range(500)]
    return append_events(warehouse, table(*rows)).added
try:
    for batch in range(1000):
        done += add(batch)
except WarehouseWriteError:
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    time.sleep(1)
    done += add(batch)
print(done == totals(warehouse).events, flush=True)
os._exit(0)
"""


@pytest.mark.fault
def test_it_goes_on_in_the_same_process_although_a_reader_held_a_cursor(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", REOPENER, str(tmp_path / "home")],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.stdout == "True\n", ended.stderr[-2000:]
