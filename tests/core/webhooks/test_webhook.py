"""What is changed of a webhook is what was named; the rest may change meanwhile."""

import pytest

from core.errors import NotFoundError
from core.store.warehouse import Warehouse
from core.store.webhook_queries import WebhookRow, delete_webhook, get_webhook, stop_webhook
from core.webhooks import webhook
from core.webhooks.webhook import change_webhook, create_webhook

URL = "http://127.0.0.1:9/hook"


@pytest.fixture
def row(warehouse: Warehouse) -> WebhookRow:
    return create_webhook(warehouse, URL, intents=["deal"], description="shop")


def test_a_switch_off_while_another_field_is_changed_stays(
    warehouse: Warehouse, row: WebhookRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = webhook.check_url

    def checked_while_the_receiver_says_gone(url: str, *, allow_private: bool) -> None:
        stop_webhook(warehouse, row.webhook_id, "The receiver answered 410 Gone.")
        check(url, allow_private=allow_private)

    monkeypatch.setattr(webhook, "check_url", checked_while_the_receiver_says_gone)
    told = change_webhook(warehouse, row.webhook_id, {"description": "the other shop", "previous": ["browse"]})
    assert told == get_webhook(warehouse, row.webhook_id)
    assert (told.active, told.stopped_by) == (False, "The receiver answered 410 Gone.")
    assert (told.description, told.intents, told.previous) == ("the other shop", ("deal",), ("browse",))


def test_one_that_is_switched_on_again_forgets_why_it_was_off(warehouse: Warehouse, row: WebhookRow) -> None:
    stop_webhook(warehouse, row.webhook_id, "The receiver answered 410 Gone.")
    told = change_webhook(warehouse, row.webhook_id, {"active": True})
    assert (told.active, told.stopped_by, told.url, told.secret) == (True, None, URL, row.secret)


def test_no_change_is_none(warehouse: Warehouse, row: WebhookRow) -> None:
    assert change_webhook(warehouse, row.webhook_id, {}) == get_webhook(warehouse, row.webhook_id)


def test_one_that_is_forgotten_meanwhile_is_not_there(
    warehouse: Warehouse, row: WebhookRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "check_url", lambda *_, **__: delete_webhook(warehouse, row.webhook_id))
    with pytest.raises(NotFoundError, match=row.webhook_id):
        change_webhook(warehouse, row.webhook_id, {"min_score": 0.5})
