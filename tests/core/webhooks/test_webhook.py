"""Changing webhooks: only what is named, checked before it is kept; what cannot be reached can be switched off."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import InvalidWebhookError, NotFoundError
from core.settings import Settings
from core.store.warehouse import Warehouse
from core.store.webhook_queries import WebhookRow, delete_webhook, get_webhook, stop_webhook
from core.webhooks import webhook
from core.webhooks.webhook import change_webhook, create_webhook

URL = "http://127.0.0.1:9/hook"
PUBLIC_URL = "https://1.1.1.1/told"
GONE_URL = "https://receiver.invalid/told"
"""RFC 6761: a name of .invalid leads nowhere, whoever is asked."""
GONE = "The receiver answered 410 Gone."


@pytest.fixture
def public_warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    warehouse = Warehouse.open(Settings(home=tmp_path, host="0.0.0.0"))
    yield warehouse
    warehouse.close()


@pytest.fixture
def row(warehouse: Warehouse) -> WebhookRow:
    return create_webhook(warehouse, URL, intents=["deal"], description="shop")


def test_a_webhook_whose_name_leads_nowhere_any_more_can_be_switched_off(public_warehouse: Warehouse) -> None:
    webhook_id = create_webhook(public_warehouse, PUBLIC_URL).webhook_id
    with pytest.raises(InvalidWebhookError, match=r"receiver\.invalid"):
        change_webhook(public_warehouse, webhook_id, {"url": GONE_URL})
    public_warehouse.write(lambda cursor: cursor.execute("UPDATE webhooks SET url = ?", [GONE_URL]).fetchall())
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("receiver.invalid", None)
    changed = change_webhook(public_warehouse, webhook_id, {"active": False})
    assert (changed.url, changed.active) == (GONE_URL, False)
    with pytest.raises(InvalidWebhookError, match="min_score"):
        change_webhook(public_warehouse, webhook_id, {"min_score": 2.0})


def test_a_switch_off_while_another_field_is_changed_stays(
    warehouse: Warehouse, row: WebhookRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "_check", lambda _: stop_webhook(warehouse, row.webhook_id, GONE))  # meanwhile
    told = change_webhook(warehouse, row.webhook_id, {"description": "the other shop", "previous": ["browse"]})
    assert told == get_webhook(warehouse, row.webhook_id)
    assert (told.active, told.stopped_by) == (False, GONE)
    assert (told.description, told.intents, told.previous) == ("the other shop", ("deal",), ("browse",))


def test_one_that_is_switched_on_again_forgets_why_it_was_off(warehouse: Warehouse, row: WebhookRow) -> None:
    stop_webhook(warehouse, row.webhook_id, GONE)
    told = change_webhook(warehouse, row.webhook_id, {"active": True})
    assert (told.active, told.stopped_by, told.url, told.secret) == (True, None, URL, row.secret)


def test_no_change_is_none(warehouse: Warehouse, row: WebhookRow) -> None:
    assert change_webhook(warehouse, row.webhook_id, {}) == get_webhook(warehouse, row.webhook_id)


def test_one_that_is_forgotten_meanwhile_is_not_there(
    warehouse: Warehouse, row: WebhookRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "_check", lambda _: delete_webhook(warehouse, row.webhook_id))
    with pytest.raises(NotFoundError, match=row.webhook_id):
        change_webhook(warehouse, row.webhook_id, {"min_score": 0.5})
