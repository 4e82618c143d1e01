"""Tells changes of intents to a webhook until it is killed: HOME URL, first number; prints what the outbox keeps."""

import sys
import time
from pathlib import Path

from core.realtime.updates import Updates
from core.settings import Settings
from core.store.warehouse import Warehouse
from core.store.webhook_queries import list_webhooks
from core.webhooks import outbox, sender
from core.webhooks.service import Webhooks
from core.webhooks.webhook import create_webhook
from tests.app.api.test_stream import update

GROUP = 10


def hurry() -> None:
    """A test has no time for the pauses that are good for receivers."""
    sender.FIRST_PAUSE_S, sender.GROWTH, sender.MOST_TRIES, sender.POLL_S = 0.05, 1.0, 1000, 0.02
    outbox.GATHER_S = 0.01


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(home: Path, url: str, first: int) -> None:
    hurry()
    warehouse = Warehouse.open(Settings(home=home, sample_shop=False))
    hook = (list_webhooks(warehouse) or [create_webhook(warehouse, url)])[0]
    _say(hook.secret)
    updates, kept = Updates(), first
    written = outbox.append_deliveries

    def append_and_say(*of: object) -> None:
        nonlocal kept
        written(*of)  # type: ignore[arg-type]
        kept += sum(row.updates for row in of[1])  # type: ignore[attr-defined]
        _say(str(kept))

    outbox.append_deliveries = append_and_say
    Webhooks(warehouse, updates).start()
    for number in range(first, first + 100_000, GROUP):
        updates.publish([update(f"v{number + place}", "browse") for place in range(GROUP)])
        time.sleep(0.01)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
