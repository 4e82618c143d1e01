"""kill -9 while webhooks are delivered: what the outbox had kept arrives, under the id of its first try."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.realtime.updates import Updates
from core.settings import Settings
from core.store.warehouse import Warehouse
from core.store.webhook_queries import list_deliveries, list_webhooks
from core.webhooks import outbox, sender
from core.webhooks.service import Webhooks
from tests.core.webhooks.receiver import Receiver, listening
from tests.faults.webhook_parent import GROUP

ROUNDS = 3


@pytest.mark.fault
def test_kept_messages_survive_kill_9_and_arrive_at_least_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(3)
    home, kept = tmp_path / "home", 0
    with listening(Receiver()) as receiver:
        receiver.statuses = [chance.choice([200, 500, 503]) for _ in range(400)]
        for _ in range(ROUNDS):
            secret, kept = _tell_and_kill(home, receiver.url, kept, chance.uniform(0.3, 1.0))
        _deliver_the_rest(home, monkeypatch)
        bodies: dict[str, set[bytes]] = {}
        arrived: set[str] = set()
        for message in receiver.messages:
            bodies.setdefault(message.message_id, set()).add(message.body)
            arrived |= {told["visitor_id"] for told in message.verified(secret)["data"]["updates"]}
    assert kept >= ROUNDS * GROUP
    assert {f"v{number}" for number in range(kept)} <= arrived
    assert {len(of_message) for of_message in bodies.values()} == {1}  # one id, one message
    assert len(receiver.messages) > len(bodies)  # some were tried more than once


def _tell_and_kill(home: Path, url: str, first: int, after_s: float) -> tuple[str, int]:
    """The secret, and the number before which the outbox had kept every update."""
    command = [sys.executable, "-m", "tests.faults.webhook_parent", str(home), url, str(first)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    secret = process.stdout.readline().strip()
    kept = int(process.stdout.readline())
    time.sleep(after_s)
    process.send_signal(signal.SIGKILL)
    said, _ = process.communicate(timeout=60)
    counts = [int(line) for line in said.splitlines(keepends=True) if line.endswith("\n")]
    return secret, counts[-1] if counts else kept


def _deliver_the_rest(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, value in (
        (sender, "FIRST_PAUSE_S", 0.01),
        (sender, "GROWTH", 1.0),
        (sender, "POLL_S", 0.02),
        (sender, "MOST_TRIES", 1000),
        (outbox, "GATHER_S", 0.01),
    ):
        monkeypatch.setattr(module, name, value)
    warehouse = Warehouse.open(Settings(home=home, sample_shop=False))
    webhooks = Webhooks(warehouse, Updates())
    webhooks.start()
    (hook,) = list_webhooks(warehouse)
    deadline = time.monotonic() + 60
    while list_deliveries(warehouse, hook.webhook_id) and time.monotonic() < deadline:
        time.sleep(0.05)
    left = list_deliveries(warehouse, hook.webhook_id)
    webhooks.close()
    warehouse.close()
    assert left == []
