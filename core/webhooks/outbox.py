"""From updates to messages in the outbox: what a webhook wants to hear, gathered for a moment and written as one."""

import json
import logging
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

import duckdb

from core.errors import IntentLensError
from core.realtime.intent_update import IntentUpdate
from core.realtime.updates import Updates
from core.store.warehouse import Warehouse
from core.store.webhook_queries import DeliveryRow, WebhookRow, append_deliveries, count_due, list_webhooks
from core.webhooks.webhook import filter_of

CHANGED = "intent.changed"
GATHER_S = 0.1
"""How long updates are gathered before they are written: a message to a webhook tells many at once."""

RETRY_S = 1.0
MOST_UPDATES = 100
"""Updates in one message."""

MOST_DUE = 1_000
"""Messages that may wait for one webhook; what comes then is a dead letter at once, and can be sent again later."""

_log = logging.getLogger(__name__)


class Outbox:
    """Works in a thread of its own, woken by each group of updates."""

    def __init__(self, warehouse: Warehouse, updates: Updates, on_added: Callable[[], None]) -> None:
        """Args: on_added: told that there is something to deliver."""
        self._warehouse = warehouse
        self._updates = updates
        self._on_added = on_added
        self._last = updates.last_sequence
        self._news = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webhook-outbox", daemon=True)
        self._stop_listening: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Begin in the background."""
        self._stop_listening = self._updates.listen(lambda _: self._news.set())
        self._thread.start()

    def close(self) -> None:
        """Write what came and end."""
        self._stop_listening()
        self._closing.set()
        self._news.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._closing.is_set():
            self._news.wait()
            self._closing.wait(GATHER_S)
            self._news.clear()
            self._write_or_wait()
        self._write_or_wait()

    def _write_or_wait(self) -> None:
        try:
            self._write(self._updates.since(self._last))
        except (IntentLensError, duckdb.Error) as error:
            _log.warning("Changes of intents could not be kept for the webhooks yet: %s", error)
            self._closing.wait(RETRY_S)
            self._news.set()

    def _write(self, updates: Sequence[IntentUpdate]) -> None:
        if not updates:
            return
        lost = updates[0].sequence - self._last - 1
        if lost:
            _log.warning("%d updates came faster than they could be kept for the webhooks, and were left out.", lost)
        webhooks = [webhook for webhook in list_webhooks(self._warehouse) if webhook.active]
        rows = [row for webhook in webhooks for row in self._messages(webhook, updates)]
        if rows:
            append_deliveries(self._warehouse, rows)
            self._on_added()
        self._last = updates[-1].sequence

    def _messages(self, webhook: WebhookRow, updates: Sequence[IntentUpdate]) -> list[DeliveryRow]:
        wanted = filter_of(webhook)
        told = [update for update in updates if wanted.lets_pass(update)]
        if not told:
            return []
        room = MOST_DUE - count_due(self._warehouse, webhook.webhook_id)
        parts = [told[begin : begin + MOST_UPDATES] for begin in range(0, len(told), MOST_UPDATES)]
        now = self._warehouse.clock()
        return [_message(webhook, part, now, fits=place < room) for place, part in enumerate(parts)]


def message_body(kind: str, at: datetime, updates: Sequence[IntentUpdate]) -> str:
    """The JSON of a message, as Standard Webhooks recommends it: type, timestamp, data."""
    data = {"updates": [update.to_dict() for update in updates]}
    body = {"type": kind, "timestamp": at.isoformat(timespec="milliseconds") + "Z", "data": data}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def new_delivery(webhook: WebhookRow, kind: str, updates: Sequence[IntentUpdate], now: datetime) -> DeliveryRow:
    """A message that is due now."""
    return DeliveryRow(
        delivery_id=f"msg_{secrets.token_hex(12)}",
        webhook_id=webhook.webhook_id,
        body=message_body(kind, now, updates),
        updates=len(updates),
        status="due",
        tries=0,
        next_try_at=now,
        last_status=None,
        last_error=None,
        created_at=now,
        tried_at=None,
    )


def _message(webhook: WebhookRow, updates: Sequence[IntentUpdate], now: datetime, *, fits: bool) -> DeliveryRow:
    row = new_delivery(webhook, CHANGED, updates, now)
    if fits:
        return row
    return replace(row, status="dead", last_error=f"{MOST_DUE} messages waited for this webhook already.")
