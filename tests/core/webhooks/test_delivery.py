"""From an update to its receiver over a real socket: signed, filtered, tried again, given up, sent again."""

import json
import time
from collections.abc import Callable, Iterator

import pytest

from core.realtime.updates import Updates
from core.store.warehouse import Warehouse
from core.store.webhook_queries import get_webhook, list_deliveries, list_webhooks
from core.webhooks import outbox, sender
from core.webhooks.service import Webhooks
from core.webhooks.webhook import change_webhook, create_webhook
from tests.app.api.test_stream import update
from tests.core.webhooks.receiver import Receiver, listening


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setattr(sender, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(sender, "GROWTH", 1.0)
    monkeypatch.setattr(sender, "POLL_S", 0.02)
    monkeypatch.setattr(outbox, "GATHER_S", 0.02)
    with listening(Receiver()) as receiver:
        yield receiver


@pytest.fixture
def updates() -> Updates:
    return Updates()


@pytest.fixture
def webhooks(warehouse: Warehouse, updates: Updates, receiver: Receiver) -> Iterator[Webhooks]:
    webhooks = Webhooks(warehouse, updates)
    webhooks.start()
    yield webhooks
    webhooks.close()


def _wait(until: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not until() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert until()


def test_a_change_arrives_signed_as_one_message_with_its_neighbours(
    webhooks: Webhooks, warehouse: Warehouse, updates: Updates, receiver: Receiver
) -> None:
    row = create_webhook(warehouse, receiver.url)
    updates.publish([update("a", "browse"), update("a", "browse", "browse"), update("b", "deal", "browse")])
    (message,) = receiver.wait_for(1)
    told = message.verified(row.secret)
    assert (told["type"], [one["visitor_id"] for one in told["data"]["updates"]]) == ("intent.changed", ["a", "b"])
    assert told["data"]["updates"][1]["previous"] == "browse"
    assert message.headers["content-type"] == "application/json"
    _wait(lambda: webhooks.sender.outcomes["delivered"] == 1)
    assert list_deliveries(warehouse, row.webhook_id) == []


def test_each_webhook_hears_what_it_asked_for(
    webhooks: Webhooks, warehouse: Warehouse, updates: Updates, receiver: Receiver
) -> None:
    wanted = {
        "purchase": {"intents": ["purchase"]},
        "left": {"previous": ["browse"]},
        "sure": {"min_score": 0.9},
        "silent": {"active": False},
    }
    for name, options in wanted.items():
        create_webhook(warehouse, f"{receiver.url}/{name}", description=name, **options)
    by_secret = {row.secret: row.description for row in list_webhooks(warehouse)}
    changes = [update("a", "purchase"), update("b", "deal", "browse"), update("c", "other", score=0.95)]
    updates.publish(changes)
    heard = {}
    for message in receiver.wait_for(3):
        (name,) = [name for secret, name in by_secret.items() if _fits(message, secret)]
        heard[name] = [one["visitor_id"] for one in json.loads(message.body)["data"]["updates"]]
    assert heard == {"purchase": ["a"], "left": ["b"], "sure": ["c"]}


def _fits(message, secret: str) -> bool:
    try:
        message.verified(secret)
    except Exception:
        return False
    return True


def test_a_failed_try_is_repeated_under_the_same_id_until_it_arrives(
    webhooks: Webhooks, warehouse: Warehouse, updates: Updates, receiver: Receiver
) -> None:
    receiver.statuses = [500, 302, 429, 404]
    row = create_webhook(warehouse, receiver.url)
    updates.publish([update("a", "browse")])
    messages = receiver.wait_for(5)
    assert len({message.message_id for message in messages}) == 1
    assert len({message.body for message in messages}) == 1
    for message in messages:
        message.verified(row.secret)
    _wait(lambda: webhooks.sender.outcomes == {"failed": 4, "delivered": 1})


def test_redirects_are_not_followed(
    webhooks: Webhooks, warehouse: Warehouse, updates: Updates, receiver: Receiver
) -> None:
    with listening(Receiver()) as elsewhere:
        receiver.statuses, receiver.headers = [307], {"Location": elsewhere.url}
        create_webhook(warehouse, receiver.url)
        updates.publish([update("a", "browse")])
        receiver.wait_for(2)
        assert elsewhere.messages == []


def test_after_the_last_try_a_dead_letter_stays_and_can_be_sent_again(
    webhooks: Webhooks, warehouse: Warehouse, updates: Updates, receiver: Receiver
) -> None:
    receiver.status = 503
    row = create_webhook(warehouse, receiver.url)
    updates.publish([update("a", "browse")])
    _wait(lambda: list_deliveries(warehouse, row.webhook_id, "dead"))
    (dead,) = list_deliveries(warehouse, row.webhook_id)
    assert (dead.tries, dead.last_status) == (sender.MOST_TRIES, 503)
    assert "503" in (dead.last_error or "")
    receiver.status = 200
    before = len(receiver.messages)
    webhooks.send_again(row.webhook_id, dead.delivery_id)
    again = receiver.wait_for(before + 1)[-1]
    assert again.message_id == dead.delivery_id
    _wait(lambda: list_deliveries(warehouse, row.webhook_id) == [])


def test_a_receiver_that_is_gone_switches_its_webhook_off(
    webhooks: Webhooks, warehouse: Warehouse, updates: Updates, receiver: Receiver
) -> None:
    receiver.status = 410
    row = create_webhook(warehouse, receiver.url)
    updates.publish([update("a", "browse")])
    _wait(lambda: not get_webhook(warehouse, row.webhook_id).active)
    assert "410" in (get_webhook(warehouse, row.webhook_id).stopped_by or "")
    (dead,) = list_deliveries(warehouse, row.webhook_id)
    assert (dead.status, dead.tries) == ("dead", 1)


def test_what_waits_for_a_paused_webhook_is_sent_when_it_is_switched_on(
    webhooks: Webhooks, warehouse: Warehouse, receiver: Receiver
) -> None:
    row = create_webhook(warehouse, receiver.url, active=False)
    webhooks.send_test(row.webhook_id)
    time.sleep(0.2)
    assert receiver.messages == []
    change_webhook(warehouse, row.webhook_id, {"active": True})
    assert receiver.wait_for(1)[0].verified(row.secret)["type"] == "webhook.test"


def test_an_unreachable_receiver_keeps_nobody_else_waiting(
    webhooks: Webhooks, warehouse: Warehouse, updates: Updates, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = create_webhook(warehouse, "http://127.0.0.1:9/")
    create_webhook(warehouse, receiver.url)
    updates.publish([update("a", "browse")])
    receiver.wait_for(1)
    _wait(lambda: list_deliveries(warehouse, silent.webhook_id, "dead"))
    assert "Connect" in (list_deliveries(warehouse, silent.webhook_id)[0].last_error or "")


def test_what_waits_for_one_webhook_is_bounded(
    webhooks: Webhooks, warehouse: Warehouse, updates: Updates, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "MOST_DUE", 1)
    monkeypatch.setattr(outbox, "MOST_UPDATES", 2)
    monkeypatch.setattr(sender, "FIRST_PAUSE_S", 60.0)
    receiver.status = 500
    row = create_webhook(warehouse, receiver.url)
    updates.publish([update(f"v{number}", "browse") for number in range(5)])
    _wait(lambda: len(list_deliveries(warehouse, row.webhook_id)) == 3)
    dead = list_deliveries(warehouse, row.webhook_id, "dead")
    assert [letter.last_error for letter in dead] == ["1 messages waited for this webhook already."] * 2
    assert sum(letter.updates for letter in list_deliveries(warehouse, row.webhook_id)) == 5


def test_old_dead_letters_are_forgotten(
    webhooks: Webhooks, warehouse: Warehouse, updates: Updates, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "MOST_DEAD", 2)
    monkeypatch.setattr(sender, "MOST_TRIES", 1)
    monkeypatch.setattr(outbox, "MOST_UPDATES", 1)
    receiver.status = 500
    row = create_webhook(warehouse, receiver.url)
    updates.publish([update(f"v{number}", "browse") for number in range(5)])
    _wait(lambda: webhooks.sender.outcomes["dead"] == 5)
    assert len(list_deliveries(warehouse, row.webhook_id, "dead")) == 2


def test_pauses_grow_are_bounded_and_differ(warehouse: Warehouse) -> None:
    one, other = sender.Sender(warehouse, seed=1), sender.Sender(warehouse, seed=2)
    pauses = [one.pause_s(tries) for tries in range(1, 12)]
    for tries, pause in enumerate(pauses, 1):
        middle = min(5.0 * 4.0 ** (tries - 1), 6 * 3600.0)
        assert 0.8 * middle <= pause <= 1.2 * middle
    assert pauses != [other.pause_s(tries) for tries in range(1, 12)]
    one.close()
    other.close()


def test_the_receiver_may_ask_for_a_longer_pause(
    webhooks: Webhooks, warehouse: Warehouse, updates: Updates, receiver: Receiver
) -> None:
    receiver.status, receiver.headers = 429, {"Retry-After": "300"}
    row = create_webhook(warehouse, receiver.url)
    updates.publish([update("a", "browse")])
    _wait(lambda: [letter.tries for letter in list_deliveries(warehouse, row.webhook_id)] == [1])
    (waiting,) = list_deliveries(warehouse, row.webhook_id)
    assert waiting.tried_at is not None
    assert (waiting.next_try_at - waiting.tried_at).total_seconds() == pytest.approx(300, abs=1)
