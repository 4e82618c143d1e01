"""Making and changing webhooks: every value is checked before it is kept."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from core.errors import InvalidWebhookError
from core.realtime.update_filter import UpdateFilter
from core.store.warehouse import Warehouse
from core.store.webhook_queries import WebhookRow, get_webhook, insert_webhook, list_webhooks, update_webhook
from core.webhooks.address import check_url
from core.webhooks.signature import new_secret, secret_bytes

MOST_WEBHOOKS = 100
LONGEST_DESCRIPTION = 200


def create_webhook(
    warehouse: Warehouse,
    url: str,
    *,
    description: str = "",
    intents: Sequence[str] = (),
    previous: Sequence[str] = (),
    min_score: float = 0.0,
    active: bool = True,
    secret: str | None = None,
) -> WebhookRow:
    """Keep a new webhook; without a secret of the caller's own one is made.

    Raises:
        InvalidWebhookError: a value cannot be used, or there are too many webhooks.
    """
    if len(list_webhooks(warehouse)) >= MOST_WEBHOOKS:
        raise InvalidWebhookError(f"There are {MOST_WEBHOOKS} webhooks, which is as many as there may be.")
    row = WebhookRow(
        webhook_id=f"wh_{secrets.token_hex(8)}",
        url=url,
        secret=secret or new_secret(),
        description=description,
        intents=tuple(intents),
        previous=tuple(previous),
        min_score=min_score,
        active=active,
        stopped_by=None,
        created_at=warehouse.clock(),
    )
    check_url(row.url, allow_private=warehouse.settings.is_loopback)
    _check(row)
    insert_webhook(warehouse, row)
    return row


def change_webhook(warehouse: Warehouse, webhook_id: str, changes: dict[str, Any]) -> WebhookRow:
    """Change fields of a webhook; what is not named stays as it is when this is written, not as it was read.

    Raises:
        NotFoundError: there is no such webhook.
        InvalidWebhookError: a value cannot be used.
    """
    row = replace(get_webhook(warehouse, webhook_id), **changes)
    if "url" in changes:  # one whose name is looked up in vain today can still be switched off; deliveries check it
        check_url(row.url, allow_private=warehouse.settings.is_loopback)
    _check(row)
    switched_on = {"stopped_by": None} if changes.get("active") else {}
    return update_webhook(warehouse, webhook_id, changes | switched_on)


def filter_of(row: WebhookRow) -> UpdateFilter:
    """Which updates are told to the webhook: only changes of the intent."""
    return UpdateFilter(frozenset(row.intents), frozenset(row.previous), min_score=row.min_score)


def _check(row: WebhookRow) -> None:
    try:
        secret_bytes(row.secret)
    except ValueError as error:
        raise InvalidWebhookError(f"{str(error).capitalize()}.") from error
    if not 0 <= row.min_score <= 1:
        raise InvalidWebhookError(f"min_score is '{row.min_score}', expected a number from 0 to 1.")
    if len(row.description) > LONGEST_DESCRIPTION:
        raise InvalidWebhookError(f"description is longer than {LONGEST_DESCRIPTION} characters.")
