"""Updates are numbered in one order and reach every listener."""

from datetime import datetime

from core.realtime.intent_update import IntentUpdate
from core.realtime.updates import Updates


def _update(event_id: str, intent: str = "browse", previous: str | None = None) -> IntentUpdate:
    return IntentUpdate("v1", "s1", event_id, "view", datetime(2026, 1, 1), "m1", ((intent, 1.0),), previous)


def test_updates_are_numbered_from_one_and_kept_for_who_comes_late() -> None:
    updates = Updates(kept=3)
    updates.publish([_update("e1"), _update("e2")])
    updates.publish([_update("e3"), _update("e4")])
    assert updates.last_sequence == 4
    assert [(update.sequence, update.event_id) for update in updates.since(0)] == [(2, "e2"), (3, "e3"), (4, "e4")]
    assert [update.event_id for update in updates.since(3)] == ["e4"]


def test_a_listener_hears_each_group_until_it_stops() -> None:
    updates = Updates()
    heard: list[list[int]] = []
    stop = updates.listen(lambda group: heard.append([update.sequence for update in group]))
    updates.publish([_update("e1"), _update("e2")])
    stop()
    stop()
    updates.publish([_update("e3")])
    assert heard == [[1, 2]]


def test_an_update_has_changed_when_the_likeliest_intent_did() -> None:
    assert _update("e1").changed
    assert not _update("e2", "browse", "browse").changed
    assert _update("e3", "purchase", "browse").changed
