"""For receivers of webhooks: a message is read only once its signature is verified."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from app.client.answers import Update
from core.webhooks.signature import InvalidSignatureError, verify

__all__ = ["InvalidSignatureError", "WebhookMessage", "verify_webhook"]


@dataclass(frozen=True)
class WebhookMessage:
    """A verified message. It may come twice; `id` is the same then.

    type: `intent.changed` or `webhook.test`
    """

    id: str
    type: str
    updates: tuple[Update, ...]


def verify_webhook(
    secret: str, headers: Mapping[str, str], body: bytes, *, now: datetime | None = None
) -> WebhookMessage:
    """Verify and read a message, by its headers and the bytes of its body as they came.

    Raises:
        InvalidSignatureError: it is not from the holder of the secret, or older than five minutes.
    """
    verify(secret, headers, body, now=now or datetime.now(UTC).replace(tzinfo=None))
    told = json.loads(body)
    message_id = next(value for name, value in headers.items() if name.lower() == "webhook-id")
    return WebhookMessage(message_id, told["type"], tuple(Update.of(update) for update in told["data"]["updates"]))
