"""A server killed while trackers send: what was acknowledged is there, once, and the file is whole.

`INTENTLENS_KILLS=20` kills it more often than the suite has time for.
"""

import os
import random
import signal
import time
from pathlib import Path

import pytest

from tests.app.api.process import ServerProcess
from tests.core.collect.broker.nats_server import wait_until
from tests.faults.collecting import BATCH, Sender, assert_nothing_lost

ROUNDS = int(os.environ.get("INTENTLENS_KILLS", "3"))
CLIENTS = 4


@pytest.mark.fault
def test_every_acknowledged_event_survives_kill_9_exactly_once(tmp_path: Path) -> None:
    chance = random.Random(11)
    acknowledged: list[str] = []
    following = [0] * CLIENTS
    for _ in range(ROUNDS):
        server = ServerProcess(tmp_path / "home").start()
        senders = [
            Sender(server.port, number, following[number], batch=1 if number % 2 else BATCH)
            for number in range(CLIENTS)
        ]
        for sender in senders:
            sender.start()
        wait_until(lambda senders=senders: any(sender.acknowledged for sender in senders), "the first acknowledgement")
        time.sleep(chance.uniform(0.05, 1.0))
        server.end(signal.SIGKILL)
        for sender in senders:
            sender.join(20)
            acknowledged.extend(sender.acknowledged)
        following = [sender.next for sender in senders]
    assert len(acknowledged) > ROUNDS * BATCH
    assert_nothing_lost(tmp_path / "home", acknowledged)
