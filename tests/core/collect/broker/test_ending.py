"""A feed that nobody closed ends with its interpreter, quietly and soon."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

_UNCLOSED = """
import atexit, sys, time
from dataclasses import replace
from pathlib import Path
from core.clock import utc_now
from core.collect.broker.opening import open_feed
from core.collect.intake import Intake
from core.settings import Settings
from core.store.warehouse import Warehouse

settings = replace(Settings(home=Path(sys.argv[1]), sample_shop=False), broker_url=sys.argv[2])
warehouse = Warehouse.open(settings)
feed = open_feed(settings, Intake(warehouse), utc_now)
feed.start()
while feed.status.last_error is None:
    time.sleep(0.01)
time.sleep(0.3)  # into the pause between two tries
warehouse.close()
atexit.register(time.sleep, 2)  # the feed outlives the pools of threads, as it does where an end takes its time
print(time.monotonic())
"""


@pytest.mark.parametrize("url", ["nats://localhost:1", "nats://127.0.0.1:1"])
def test_an_unclosed_feed_says_nothing_at_the_end_and_keeps_nobody_waiting(tmp_path: Path, url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _UNCLOSED, str(tmp_path / "home"), url], capture_output=True, text=True, timeout=120
    )
    ended_after_s = time.monotonic() - float(done.stdout)
    said = [line for line in done.stderr.splitlines() if not line.startswith(("nanobind", " - ", "See https"))]
    assert said == [f"Broker at {url}: {line.split(': ', 1)[1]}" for line in said[:1]]
    assert (done.returncode, len(said)) == (0, 1)
    assert ended_after_s < 8
