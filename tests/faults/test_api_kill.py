"""A server killed while trackers send: what was acknowledged is there, once, and the file is whole."""

import http.client
import json
import random
import signal
import threading
import time
from pathlib import Path

import pytest

from core.settings import Settings
from core.store.frames import read_rows
from core.store.warehouse import Warehouse
from tests.app.api.messages import viewed
from tests.app.api.process import ServerProcess

ROUNDS = 3
CLIENTS = 4
BATCH = 20
QUERY = "SELECT event_id, count(*) FROM events GROUP BY event_id"


class Sender(threading.Thread):
    """Sends batches until the server is gone; an unacknowledged batch is sent again to the next server first."""

    def __init__(self, port: int, number: int, first: int) -> None:
        super().__init__()
        self.port = port
        self.number = number
        self.next = first
        self.acknowledged: list[str] = []

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            while True:
                ids = [f"{self.number}-{self.next}-{place}" for place in range(BATCH)]
                batch = [viewed(0, visitor=f"v-{self.number}") | {"messageId": event_id} for event_id in ids]
                connection.request("POST", "/v1/batch", json.dumps({"batch": batch}))
                answer = connection.getresponse()
                answer.read()
                assert answer.status == 200
                self.acknowledged.extend(ids)
                self.next += 1
        except (OSError, http.client.HTTPException):
            return
        finally:
            connection.close()


@pytest.mark.fault
def test_every_acknowledged_event_survives_kill_9_exactly_once(tmp_path: Path) -> None:
    chance = random.Random(11)
    acknowledged: list[str] = []
    following = [0] * CLIENTS
    for _ in range(ROUNDS):
        server = ServerProcess(tmp_path / "home").start()
        senders = [Sender(server.port, number, following[number]) for number in range(CLIENTS)]
        for sender in senders:
            sender.start()
        time.sleep(chance.uniform(0.3, 1.2))
        server.end(signal.SIGKILL)
        for sender in senders:
            sender.join(20)
            acknowledged.extend(sender.acknowledged)
        following = [sender.next for sender in senders]
    warehouse = Warehouse.open(Settings(home=tmp_path / "home"))
    stored = dict(read_rows(warehouse, QUERY))
    warehouse.close()
    assert len(acknowledged) > ROUNDS * BATCH
    assert [event_id for event_id in acknowledged if event_id not in stored] == []
    assert set(stored.values()) == {1}
