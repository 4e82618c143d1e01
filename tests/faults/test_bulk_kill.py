"""kill -9 while labeling in bulk: a batch is whole, with all its labels, or absent; a retry completes it."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.intents.bulk import Batch, Selection, apply_batch, list_batches
from core.settings import Settings
from core.store.frames import read_rows
from core.store.warehouse import Warehouse
from tests.faults.bulk_parent import INTENTS, SESSIONS

ROUNDS = 4
MOST_ROUNDS = 12
"""Where a busy machine completes no batch before it is killed."""


@pytest.mark.fault
def test_a_killed_batch_is_whole_or_absent(tmp_path: Path) -> None:
    chance = random.Random(5)
    acknowledged: set[int] = set()
    first = 0
    for number in range(MOST_ROUNDS):
        if number >= ROUNDS and acknowledged:
            break
        acknowledged |= _label_and_kill(tmp_path / "home", first, chance.uniform(0.3, 1.2))
        first = _check_whole(tmp_path / "home", acknowledged)
    assert acknowledged


def _label_and_kill(home: Path, first: int, after_s: float) -> set[int]:
    command = [sys.executable, "-m", "tests.faults.bulk_parent", str(home), str(first)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    time.sleep(after_s)
    process.send_signal(signal.SIGKILL)
    said, _ = process.communicate(timeout=60)
    return {int(line) for line in said.splitlines(keepends=True) if line.endswith("\n")}


def _check_whole(home: Path, acknowledged: set[int]) -> int:
    """The number of the next batch, after the one that was cut off is sent again."""
    warehouse = Warehouse.open(Settings(home=home, sample_shop=False))
    try:
        counted = "SELECT split_part(client_id, ':', 2) AS batch, count(*) FROM annotations GROUP BY batch"
        labels = dict(read_rows(warehouse, counted))
        records = {record.batch_id: record for record in list_batches(warehouse, limit=1000)}
        assert {f"batch{number}" for number in acknowledged} <= set(records)
        assert labels == dict.fromkeys(records, SESSIONS)
        assert all(record.labeled == SESSIONS for record in records.values())
        number = len(records)
        selection = Selection("filter", tuple(f"s{n}" for n in range(SESSIONS)))
        again = Batch(f"batch{number}", selection, INTENTS[number % 2], "mei", "careful")
        assert apply_batch(warehouse, again).labeled == SESSIONS
        return number + 1
    finally:
        warehouse.close()
