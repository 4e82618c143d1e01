"""Changing webhooks: what is kept is checked, and what cannot be reached can still be switched off."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import InvalidWebhookError
from core.settings import Settings
from core.store.warehouse import Warehouse
from core.webhooks.webhook import change_webhook, create_webhook

URL = "https://1.1.1.1/told"
GONE = "https://receiver.invalid/told"
"""RFC 6761: a name of .invalid leads nowhere, whoever is asked."""


@pytest.fixture
def public_warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    warehouse = Warehouse.open(Settings(home=tmp_path, host="0.0.0.0"))
    yield warehouse
    warehouse.close()


def test_a_webhook_whose_name_leads_nowhere_any_more_can_be_switched_off(public_warehouse: Warehouse) -> None:
    webhook_id = create_webhook(public_warehouse, URL).webhook_id
    with pytest.raises(InvalidWebhookError, match=r"receiver\.invalid"):
        change_webhook(public_warehouse, webhook_id, {"url": GONE})
    public_warehouse.write(lambda cursor: cursor.execute("UPDATE webhooks SET url = ?", [GONE]).fetchall())
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("receiver.invalid", None)
    changed = change_webhook(public_warehouse, webhook_id, {"active": False})
    assert (changed.url, changed.active) == (GONE, False)
    with pytest.raises(InvalidWebhookError, match="min_score"):
        change_webhook(public_warehouse, webhook_id, {"min_score": 2.0})
