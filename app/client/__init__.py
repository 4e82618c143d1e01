"""A small typed client of the API: events in, intents out, changes as they happen, webhooks verified.

It needs the standard library and httpx2 alone; a test holds that it loads neither torch nor the warehouse.
"""

from app.client.answers import (
    Collected,
    Explanation,
    Intent,
    IntentAnswer,
    Missed,
    Neighbour,
    Neighbours,
    PersonVisitor,
    Refusal,
    Update,
    Word,
)
from app.client.client import IntentLens
from app.client.errors import RequestError
from app.client.webhooks import InvalidSignatureError, WebhookMessage, verify_webhook

__all__ = [
    "Collected",
    "Explanation",
    "Intent",
    "IntentAnswer",
    "IntentLens",
    "InvalidSignatureError",
    "Missed",
    "Neighbour",
    "Neighbours",
    "PersonVisitor",
    "Refusal",
    "RequestError",
    "Update",
    "WebhookMessage",
    "Word",
    "verify_webhook",
]
