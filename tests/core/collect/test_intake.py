"""Requests in one group: each gets its own answer, whoever else is in it."""

import threading
from datetime import datetime
from typing import Any

import pytest

from core.collect import intake as intake_module
from core.collect.collector import Post
from core.collect.dialects import CANONICAL, SEGMENT
from core.collect.fates import Fates
from core.collect.intake import Intake
from core.errors import OverloadedError, WarehouseWriteError
from core.settings import Settings
from core.store.frames import read_value
from core.store.warehouse import Warehouse

NOW = datetime(2026, 5, 4, 10, 0)


def _message(event_id: str, **more: Any) -> dict[str, Any]:
    return {"type": "track", "event": "Product Viewed", "userId": "u", "messageId": event_id} | more


def _post(*messages: Any) -> Post:
    return Post(messages, SEGMENT, "web", NOW)


def _hold(warehouse: Warehouse) -> threading.Event:
    """The writer, held until the event is set."""
    hold = threading.Event()
    warehouse.submit(lambda _: hold.wait(20))
    return hold


def test_each_request_of_a_group_gets_its_own_counts_and_refusals(warehouse: Warehouse) -> None:
    intake = Intake(warehouse)
    hold = _hold(warehouse)
    first = intake.submit(_post(_message("a")))
    rest = [
        intake.submit(_post(_message("a"), _message("b"), _message("b"))),
        intake.submit(_post("no message", {"type": "dance"}, _message("c"), {"type": "track", "event": "X"})),
        intake.submit(_post()),
    ]
    hold.set()
    answers = [(f.result(20).added, f.result(20).duplicates) for f in [first, *rest]]
    assert answers == [(1, 0), (1, 2), (1, 0), (0, 0)]
    assert [refusal.index for refusal in rest[1].result().refusals] == [0, 1, 3]
    assert read_value(warehouse, "SELECT count(*) FROM rejected_events") == 3
    intake.close()


def test_a_request_that_breaks_the_cleaning_harms_no_other(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    true_collect = intake_module.collect

    def collect(posts: list[Post]) -> Any:
        if any(message["messageId"] == "poison" for post in posts for message in post.messages):
            raise ZeroDivisionError("poison")
        return true_collect(posts)

    monkeypatch.setattr(intake_module, "collect", collect)
    intake = Intake(warehouse)
    hold = _hold(warehouse)
    futures = [intake.submit(_post(_message(event_id))) for event_id in ("a", "b", "poison", "c")]
    hold.set()
    assert [futures[place].result(20).added for place in (0, 1, 3)] == [1, 1, 1]
    assert isinstance(futures[2].exception(20), ZeroDivisionError)
    intake.close()


def test_a_post_alone_that_breaks_the_cleaning_is_answered_and_the_next_is_taken(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake = Intake(warehouse)
    with monkeypatch.context() as broken:
        broken.setattr(intake_module, "collect", lambda posts: 1 / 0)
        assert isinstance(intake.submit(_post(_message("a"))).exception(20), ZeroDivisionError)
    assert intake.waiting == 0
    receipts = [intake.submit(_post(_message(event_id))).result(20) for event_id in ("a", "b", "a")]
    assert [(receipt.added, receipt.duplicates) for receipt in receipts] == [(1, 0), (1, 0), (0, 1)]
    intake.close()


def test_what_waits_is_bounded_and_the_bound_is_told(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_module, "MOST_WAITING", 5)
    intake = Intake(warehouse)
    hold = _hold(warehouse)
    waiting = intake.submit(_post(*(_message(f"{n}") for n in range(5))))
    with pytest.raises(OverloadedError, match="5 messages wait"):
        intake.submit(_post(_message("more")))
    hold.set()
    assert waiting.result(20).added == 5
    assert intake.submit(_post(_message("more"))).result(20).added == 1
    intake.close()


def test_what_was_taken_before_the_end_is_stored_and_nothing_after(settings: Settings) -> None:
    warehouse = Warehouse.open(settings)
    intake = Intake(warehouse)
    hold = _hold(warehouse)
    futures = [intake.submit(_post(_message(f"{n}"))) for n in range(10)]
    hold.set()
    intake.close()
    assert all(future.done() for future in futures)
    with pytest.raises(WarehouseWriteError):
        intake.submit(_post(_message("late")))
    warehouse.close()


def test_what_became_of_events_is_counted_by_dialect_and_never_of_what_was_not_stored(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake = Intake(warehouse)
    intake.submit(_post(_message("a"), _message("b"), {"type": "dance"})).result(20)
    assert intake.fates == {"segment": Fates(2, 0, 1)}  # known as soon as the answer is
    hold = _hold(warehouse)
    own = {"event_id": "o", "visitor_id": "v", "event_type": "view", "occurred_at": "2026-05-04T10:00:00Z"}
    together = [intake.submit(_post(_message("a"))), intake.submit(Post([own], CANONICAL, "shop", NOW))]
    hold.set()
    for future in together:
        future.result(20)
    assert intake.fates == {"segment": Fates(2, 1, 1), "intentlens": Fates(1, 0, 0)}

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(intake_module, "collect", fail)
    assert isinstance(intake.submit(_post(_message("c"))).exception(20), ZeroDivisionError)
    assert intake.fates["segment"] == Fates(2, 1, 1)
    intake.close()
