"""The webhooks of a running server: updates into the outbox, and out of it to their receivers."""

from dataclasses import replace

from core.realtime.updates import Updates
from core.store.warehouse import Warehouse
from core.store.webhook_queries import DeliveryRow, append_deliveries, get_delivery, get_webhook, replace_delivery
from core.webhooks.outbox import Outbox, new_delivery
from core.webhooks.sender import MOST_DEAD, Sender

TEST = "webhook.test"


class Webhooks:
    """One per server."""

    def __init__(self, warehouse: Warehouse, updates: Updates) -> None:
        self._warehouse = warehouse
        self.sender = Sender(warehouse)
        self._outbox = Outbox(warehouse, updates, self.sender.wake)

    def start(self) -> None:
        """Begin in the background."""
        self._outbox.start()
        self.sender.start()

    def close(self) -> None:
        """Keep what came, and end."""
        self._outbox.close()
        self.sender.close()

    def send_test(self, webhook_id: str) -> DeliveryRow:
        """Put a message without updates into the outbox, so that a receiver can be tried.

        Raises:
            NotFoundError: there is no such webhook.
        """
        row = new_delivery(get_webhook(self._warehouse, webhook_id), TEST, (), self._warehouse.clock())
        append_deliveries(self._warehouse, [row])
        self.sender.wake()
        return row

    def send_again(self, webhook_id: str, delivery_id: str) -> DeliveryRow:
        """Try a message again now, with all its tries before it: a dead letter, or one that waits.

        Raises:
            NotFoundError: there is no such message.
        """
        row = get_delivery(self._warehouse, webhook_id, delivery_id)
        row = replace(row, status="due", tries=0, next_try_at=self._warehouse.clock())
        replace_delivery(self._warehouse, row, most_dead=MOST_DEAD)
        self.sender.wake()
        return row
