"""What the collector's fault tests share: senders that note what was acknowledged, and what must hold afterwards."""

import http.client
import json
import threading
from pathlib import Path

from core.settings import Settings
from core.store.arrivals import resume_arrivals
from core.store.frames import read_rows, read_value
from core.store.session_queue import resume_sessions, settle_sessions
from core.store.warehouse import Warehouse
from tests.app.api.messages import viewed

BATCH = 20


class Sender(threading.Thread):
    """Sends batches, or single messages, until the server is gone; what was not acknowledged is sent again to the next
    server first."""

    def __init__(self, port: int, number: int, first: int, *, batch: int = BATCH) -> None:
        super().__init__()
        self.batch = batch
        self.port = port
        self.number = number
        self.next = first
        self.acknowledged: list[str] = []

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            while True:
                ids = [f"{self.number}-{self.next}-{place}" for place in range(self.batch)]
                connection.request("POST", *_post(messages(self.number, ids)))
                answer = connection.getresponse()
                answer.read()
                assert answer.status == 200
                self.acknowledged.extend(ids)
                self.next += 1
        except (OSError, http.client.HTTPException):
            return
        finally:
            connection.close()


def _post(sent: list[dict[str, object]]) -> tuple[str, str]:
    """Path and body."""
    return ("/v1/track", json.dumps(sent[0])) if len(sent) == 1 else ("/v1/batch", json.dumps({"batch": sent}))


def messages(visitor: int, ids: list[str]) -> list[dict[str, object]]:
    """Product views of one visitor under these ids."""
    return [viewed(0, visitor=f"v-{visitor}") | {"messageId": event_id} for event_id in ids]


def assert_nothing_lost(home: Path, acknowledged: list[str]) -> None:
    """The file opens; each acknowledged event is there exactly once; every event is in one session that counts it."""
    warehouse = Warehouse.open(Settings(home=home, sample_shop=False))
    resume_arrivals(warehouse)
    resume_sessions(warehouse)
    settle_sessions(warehouse)
    stored = dict(read_rows(warehouse, "SELECT event_id, count(*) FROM events GROUP BY event_id"))
    unnamed = read_value(warehouse, "SELECT count(*) FROM events WHERE session_id IS NULL")
    miscounted = read_rows(
        warehouse,
        """SELECT session_id FROM (SELECT session_id, count(*) AS events FROM events GROUP BY session_id) AS e
           FULL JOIN sessions AS s USING (session_id) WHERE e.events IS DISTINCT FROM s.event_count""",
    )
    pending = read_value(warehouse, "SELECT count(*) FROM pending_sessions")
    warehouse.close()
    assert [event_id for event_id in acknowledged if event_id not in stored] == []
    assert set(stored.values()) == {1}
    assert (unnamed, miscounted, pending) == (0, [], 0)
