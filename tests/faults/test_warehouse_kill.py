"""kill -9 while writing: the file opens, every acknowledged batch is whole, no batch is there in part."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.intents.annotations import current_annotations
from core.settings import Settings
from core.store.frames import read_frame
from core.store.warehouse import Warehouse
from tests.faults.import_parent import BATCH

ROUNDS = {"events": 20, "annotations": 5}


@pytest.mark.fault
@pytest.mark.parametrize("kind", ["events", "annotations"])
def test_what_was_acknowledged_survives_kill_9(kind: str, tmp_path: Path) -> None:
    chance = random.Random(11)
    acknowledged: set[int] = set()
    first = 0
    for _ in range(ROUNDS[kind]):
        acknowledged |= _write_and_kill(tmp_path / "home", kind, first, chance.uniform(0.02, 0.5))
        written = _written(tmp_path / "home", kind)
        assert acknowledged <= written
        first = max(written, default=-1) + 1
    assert acknowledged


def _write_and_kill(home: Path, kind: str, first: int, after_s: float) -> set[int]:
    command = [sys.executable, "-m", "tests.faults.import_parent", str(home), kind, str(first)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    time.sleep(after_s)
    process.send_signal(signal.SIGKILL)
    said, _ = process.communicate(timeout=60)
    return {int(line) for line in said.splitlines(keepends=True) if line.endswith("\n")}


def _written(home: Path, kind: str) -> set[int]:
    """The numbers of the batches that are there, each whole."""
    warehouse = Warehouse.open(Settings(home=home, sample_shop=False))
    try:
        if kind == "annotations":
            return {int(client_id[1:]) for client_id in current_annotations(warehouse)["client_id"]}
        batches = read_frame(
            warehouse, "SELECT query, count(*) AS events, count(session_id) AS named FROM events GROUP BY query"
        )
        assert set(batches["events"]) <= {BATCH}
        assert (batches["named"] == batches["events"]).all()
        return {int(query[1:]) for query in batches["query"]}
    finally:
        warehouse.close()
