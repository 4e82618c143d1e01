"""What the tracker tells of each event, how it repairs, what it forgets, and whose cache it never uses."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from core.collect.collector import REFUSED_SCHEMA
from core.errors import NoModelError
from core.events.schema import EVENT_SCHEMA, ITEM_SCHEMA
from core.model.scorer import SessionScorer
from core.realtime import live_tracker
from core.realtime.live_tracker import LiveTracker
from core.realtime.stream_tracker import StreamTracker
from core.realtime.updates import Updates
from core.store.collect_queries import submit_collected
from core.store.ingest_queries import append_events
from core.store.warehouse import Ended, Warehouse
from tests.core.model.conftest import make_checkpoint
from tests.core.model.shop import CATEGORIES, Shop
from tests.core.realtime.following import Following, another_model, event, event_table

_AT = datetime(2026, 5, 4, 10)


@pytest.fixture(scope="module")
def scorer(shop: Shop) -> SessionScorer:
    return SessionScorer(make_checkpoint(shop, max_events=8))


@pytest.fixture
def following(warehouse: Warehouse, scorer: SessionScorer) -> Iterator[Following]:
    started = Following(warehouse, scorer)
    yield started
    started.live.close()


def _views(visitor: str, count: int, first: int = 0, **columns: Any) -> list[dict[str, Any]]:
    """A view a minute."""
    return [
        event(f"{visitor}-{n:03}", visitor, _AT + timedelta(minutes=n), category=CATEGORIES[n % 3], **columns)
        for n in range(first, first + count)
    ]


def test_each_event_of_a_batch_is_told_at_its_own_place_with_the_intent_before(following: Following) -> None:
    events = [one for pair in zip(_views("a", 20), _views("b", 20), strict=True) for one in pair]
    following.commit(events[:14])
    following.commit(events[14:])
    told = following.told()
    assert [update.event_id for update in told] == [one["event_id"] for one in events]
    last: dict[str, str] = {}
    for update in told:
        following.assert_told_right(update)
        assert update.previous == last.get(update.visitor_id)
        last[update.visitor_id] = update.intent


def test_a_late_event_is_told_at_its_place_and_then_the_newest_again(following: Following) -> None:
    views = _views("a", 20)
    late = views.pop(4) | {"event_type": "search", "query": "refund policy", "received_at": _AT + timedelta(hours=1)}
    following.commit(views)
    before = len(following.told())
    following.commit([late])
    told = following.told(before)
    assert [update.event_id for update in told] == [late["event_id"], views[-1]["event_id"]]
    for update in told:
        following.assert_told_right(update)
    following.assert_right("a")


def test_a_late_event_that_joins_two_sessions_is_repaired(following: Following) -> None:
    views = [event(f"e{minute}", "a", _AT + timedelta(minutes=minute)) for minute in (0, 10, 50, 55)]
    following.commit(views)
    assert following.intent("a").session_id != following.told()[0].session_id
    following.commit([event("late", "a", _AT + timedelta(minutes=30), received_at=_AT + timedelta(hours=1))])
    following.assert_right("a")
    assert following.intent("a").session_id == following.told()[0].session_id


def test_duplicates_are_told_once(following: Following) -> None:
    views = _views("a", 3)
    following.commit(views)
    following.commit([*views, *_views("a", 1, first=3)])
    assert [update.event_id for update in following.told()] == [f"a-{n:03}" for n in range(4)]


def test_who_was_never_seen_here_is_read_from_the_warehouse_with_all_of_their_past(
    following: Following, warehouse: Warehouse
) -> None:
    append_events(warehouse, event_table(_views("a", 30)))
    assert following.told() == []
    following.commit(_views("a", 1, first=30))
    (update,) = following.told()
    following.assert_told_right(update)
    assert following.intent("a").events_used == 31


def test_an_import_behind_its_back_is_noticed(following: Following, warehouse: Warehouse) -> None:
    following.commit(_views("a", 3))
    following.assert_right("a")
    append_events(warehouse, event_table(_views("a", 3, first=10)))
    assert following.intent("a").events_used == 6
    following.assert_right("a")


def test_what_becomes_known_of_an_item_counts_for_earlier_events_too(
    following: Following, warehouse: Warehouse
) -> None:
    following.commit(_views("a", 3, item_id="shoe"))
    before = dict(following.intent("a").intents)
    item = {"item_id": "shoe", "title": "running shoes 42", "brand": "brand1", "updated_at": _AT}
    following.commit(_views("b", 1), [item])
    following.assert_right("a")
    assert dict(following.intent("a").intents) != before
    known = pa.Table.from_pylist([item | {"title": "phone 256gb", "updated_at": datetime(2026, 6, 1)}], ITEM_SCHEMA)
    append_events(warehouse, EVENT_SCHEMA.empty_table(), items=known)
    following.assert_right("a")


def test_no_other_models_cache_is_ever_used(following: Following, scorer: SessionScorer, shop: Shop) -> None:
    following.commit(_views("a", 12))
    first = dict(following.intent("a").intents)
    following.scorer = another_model(make_checkpoint(shop, max_events=8), "second")
    following.commit(_views("a", 1, first=12))
    (update,) = [update for update in following.told() if update.model_version == "second"]
    following.assert_told_right(update)
    following.assert_right("a")
    following.scorer = scorer
    following.assert_right("a")
    assert dict(following.intent("a").intents) != first


def test_memory_stays_within_its_budget_and_who_was_forgotten_is_right_again(
    warehouse: Warehouse, scorer: SessionScorer
) -> None:
    following = Following(warehouse, scorer, budget_bytes=100_000)
    for number in range(40):
        following.commit(_views(f"v{number:02}", 5))
    following.told()
    memory = following.live.streams.memory
    assert 0 < memory.nbytes <= 100_000
    assert 3 < len(memory) < 40
    assert "v39" in memory
    assert "v00" not in memory
    following.assert_right("v00")
    assert "v00" in memory
    following.live.close()


def test_more_than_can_be_followed_is_left_out_and_its_visitors_stay_right(
    following: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    following.commit(_views("a", 3))
    assert len(following.told()) == 3
    monkeypatch.setattr(live_tracker, "MOST_WAITING", 4)
    following.commit(_views("a", 6, first=3))
    following.assert_right("a")
    assert len(following.told()) == 3
    assert following.intent("a").events_used == 9


def test_without_a_model_questions_are_answered_so_and_events_pass(warehouse: Warehouse) -> None:
    live = LiveTracker(warehouse, Updates(), lambda: None, media=None)
    live.start()
    live.on_stored(event_table(_views("a", 1)), ITEM_SCHEMA.empty_table())
    with pytest.raises(NoModelError):
        live.intent_of("a")
    live.close()
    with pytest.raises(NoModelError, match="ending"):
        live.intent_of("a")


def test_an_error_of_the_model_is_answered_and_the_next_event_is_followed(
    following: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    following.commit(_views("a", 2))
    following.told()

    def fail(*_: Any) -> Any:
        raise RuntimeError("no memory")

    with monkeypatch.context() as broken:
        broken.setattr(StreamTracker, "_run", fail)
        following.commit(_views("a", 1, first=2))
        with pytest.raises(Exception, match="no memory"):
            following.intent("a")
    following.commit(_views("a", 1, first=3))
    following.assert_right("a")


def _ahead(following: Following, rows: list[dict[str, Any]]) -> Ended:
    """Tell the tracker of a commit under way, and return once it has followed it ahead."""
    end = following.live.on_storing(event_table(rows), ITEM_SCHEMA.empty_table())
    newest = max((row["occurred_at"], row["event_id"]) for row in rows)
    deadline = time.monotonic() + 20
    while (state := following.live.streams.memory.get(rows[0]["visitor_id"])) is None or state.newest != newest:
        assert time.monotonic() < deadline
        time.sleep(0.001)
    return end


def test_events_are_followed_while_the_disk_works_and_told_after_it(following: Following) -> None:
    following.commit(_views("a", 3))
    assert len(following.told()) == 3
    rows = _views("a", 1, first=3)
    end = _ahead(following, rows)
    assert following.updates.last_sequence == 3
    nothing = {"rejected": REFUSED_SCHEMA.empty_table(), "items": ITEM_SCHEMA.empty_table()}
    submit_collected(following.warehouse, event_table(rows), **nothing).result(20)
    end(True)
    assert following.intent("a").events_used == 4
    following.assert_right("a")
    update = following.updates.since(3)[0]
    assert update.event_id == rows[0]["event_id"]
    following.assert_told_right(update)


def test_of_a_commit_that_failed_nothing_is_told_and_nothing_stays(following: Following) -> None:
    following.commit(_views("a", 3))
    following.told()
    _ahead(following, _views("a", 1, first=3))(False)
    following.assert_right("a")
    assert following.intent("a").events_used == 3
    assert len(following.told()) == 3
    following.commit(_views("a", 2, first=3))
    following.assert_right("a")
    assert len(following.told()) == 5


def test_what_others_changed_by_the_same_commit_is_in_the_update(following: Following) -> None:
    following.commit(_views("a", 3))
    following.told()
    rows = _views("a", 2, first=3)
    end = _ahead(following, rows[1:])
    append_events(following.warehouse, event_table(rows))
    end(True)
    following.assert_right("a")
    told = following.told(after=3)
    assert [update.event_id for update in told] == [rows[1]["event_id"]]
    following.assert_told_right(told[0])
