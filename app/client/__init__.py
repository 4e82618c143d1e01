"""A small typed client of the API: events in, intents out, changes as they happen, webhooks verified.

It needs the standard library and httpx2 alone; a test holds that it loads neither torch nor the warehouse.
"""

from app.client.answers import Collected, Intent, IntentAnswer, Missed, PersonVisitor, Refusal, Update
from app.client.client import IntentLens
from app.client.errors import RequestError
from app.client.explanations import Explanation, Neighbour, Neighbours, Word
from app.client.studies import Difference, Divergence, Speaking, Study, StudyResult
from app.client.webhooks import InvalidSignatureError, WebhookMessage, verify_webhook

__all__ = [
    "Collected",
    "Difference",
    "Divergence",
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
    "Speaking",
    "Study",
    "StudyResult",
    "Update",
    "WebhookMessage",
    "Word",
    "verify_webhook",
]
