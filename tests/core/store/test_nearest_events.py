"""The nearest events are those that plain sorting finds, by whatever way they are read."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.settings import Settings
from core.store import nearest_events, timeline_queries
from core.store.ingest_queries import append_events
from core.store.nearest_events import read_nearest
from core.store.timeline_queries import EventWindow, events_about, events_after, events_before
from core.store.warehouse import Warehouse
from tests.core.store.rows import START, event, items_table, table

VISITORS = ("a", "b", "c")
SPAN_MINUTES = 400
ROWS_BY_INDEX = {"by scan": 0, "some by index": 40, "by index": 2048}
"""How many rows may be read by the index."""

Key = tuple[datetime, str]
Shown = tuple[list[str], bool, bool]
"""Ids of events, and whether there are earlier and later ones."""


@dataclass(frozen=True)
class Store:
    """A warehouse and its events, sorted in Python."""

    warehouse: Warehouse
    events: list[dict[str, Any]]

    def of(self, visitor_ids: list[str]) -> list[dict[str, Any]]:
        """The events of these visitors in order."""
        return [one for one in self.events if one["visitor_id"] in visitor_ids]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """200 events of three visitors (a: 140, b: 40, c: 20) in random order, so that late ones abound, with many at the
    same moment; in sessions of their own ids.
    """
    chance = np.random.default_rng(8)
    owners = [*"a" * 140, *"b" * 40, *"c" * 20]
    chance.shuffle(owners)
    rows = []
    for number, owner in enumerate(owners):
        minutes = int(chance.integers(SPAN_MINUTES // 5)) * 5
        rows.append(event(number, visitor=owner, minutes=minutes, session_id=f"{owner}{minutes // 60}", item_id="i1"))
    home: Path = tmp_path_factory.mktemp("nearest")
    warehouse = Warehouse.open(Settings(home=home, sample_shop=False))
    for start in range(0, len(rows), 50):
        append_events(warehouse, table(*rows[start : start + 50]), items=items_table({"item_id": "i1", "title": "Mug"}))
    yield Store(warehouse, sorted(rows, key=_key))
    warehouse.close()


either_way = pytest.mark.parametrize("way", ROWS_BY_INDEX.values(), ids=ROWS_BY_INDEX)
asked_visitors = st.lists(st.sampled_from([*VISITORS, "nobody"]), min_size=1, max_size=3, unique=True)
moments = st.integers(-30, SPAN_MINUTES + 30).map(lambda minutes: START + timedelta(minutes=minutes))
event_ids = st.one_of(st.just(""), st.integers(0, 199).map(lambda number: f"e{number}"))
counts = st.integers(0, 60)
few_examples = hypothesis_settings(max_examples=30, deadline=None)


@either_way
@few_examples
@given(visitor_ids=asked_visitors, moment=moments, event_id=event_ids, before=counts, after=counts, together=counts)
def test_the_nearest_are_those_that_sorting_finds(
    store: Store,
    way: int,
    visitor_ids: list[str],
    moment: datetime,
    event_id: str,
    before: int,
    after: int,
    together: int,
) -> None:
    with _index_up_to(way):
        found = read_nearest(
            store.warehouse, visitor_ids, moment, event_id, before=before, after=after, together=together
        )
    every = [_key(one) for one in store.of(visitor_ids)]
    earlier, later = _split(every, (moment, event_id))
    got_earlier, got_later = _keys(found.before), _keys(found.after)
    assert got_earlier == earlier[len(earlier) - len(got_earlier) :]
    assert got_later == later[: len(got_later)]
    assert len(got_earlier) >= min(before, len(earlier))
    assert len(got_later) >= min(after, len(later))
    if before and len(earlier) < before:
        assert len(got_earlier) + len(got_later) >= min(together, len(every))
    assert found.is_last == (len(got_later) == len(later))
    assert set(found.after["title"].to_pylist()) <= {"Mug"}


@either_way
@few_examples
@given(visitor_ids=asked_visitors, moment=moments, limit=st.integers(1, 90), place=st.integers(0, 199))
def test_windows_are_those_of_the_whole_history(
    store: Store, way: int, visitor_ids: list[str], moment: datetime, limit: int, place: int
) -> None:
    history = store.of(visitor_ids)
    with _index_up_to(way):
        about = events_about(store.warehouse, visitor_ids, moment, limit)
        assert _shown(about) == _about(history, moment, limit)
        if not history:
            return
        at = history[place % len(history)]
        key = _key(at)
        assert _shown(events_before(store.warehouse, visitor_ids, *key, limit)) == _before(history, key, limit)
        assert _shown(events_after(store.warehouse, visitor_ids, *key, limit)) == _after(history, key, limit)


@few_examples
@given(visitor_ids=asked_visitors, moment=moments, limit=st.integers(1, 90), place=st.integers(0, 199))
def test_of_what_lies_too_far_apart_a_smaller_window_is_read_and_said_to_be_one(
    store: Store, visitor_ids: list[str], moment: datetime, limit: int, place: int
) -> None:
    history = store.of(visitor_ids)
    if not history:
        return
    key = _key(history[place % len(history)])
    with _index_up_to(0), _dear_above(8):
        about = _shown(events_about(store.warehouse, visitor_ids, moment, limit))
        before = _shown(events_before(store.warehouse, visitor_ids, *key, limit))
        after = _shown(events_after(store.warehouse, visitor_ids, *key, limit))
    limits = [limit >> halvings for halvings in range(limit.bit_length())]
    assert about in [_about(history, moment, smaller) for smaller in limits]
    assert before in [_before(history, key, smaller) for smaller in limits]
    assert after in [_after(history, key, smaller) for smaller in limits]
    if limit > 40 and len(history) > 100:
        assert len(about[0]) <= limit // 2


@contextmanager
def _dear_above(events: int) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nearest_events, "MOST_US", 0.0)
        patch.setattr(nearest_events, "LEAST_EVENTS", events)
        yield


@either_way
def test_a_long_session_at_the_beginning_leaves_room_for_more_at_the_end(
    store: Store, way: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline_queries, "LONG_SESSION", 0)
    history, moment = store.of(["a"]), START + timedelta(minutes=190)
    with _index_up_to(way):
        about = events_about(store.warehouse, ["a"], moment, 60)
    shown = _shown(about)
    assert shown == _about(history, moment, 60)
    assert len(_split([_key(one) for one in history if one["event_id"] in shown[0]], (moment, ""))[1]) > 31


def test_a_scan_is_chosen_where_events_lie_dense_and_the_index_where_they_lie_apart() -> None:
    apart = np.arange(0, 5_000 * 2_000, 2_000)
    dense = np.arange(5_000) + 1_000_000
    by_index = 5_000 * nearest_events.INDEXED_ROW_US
    assert nearest_events.scan_us(dense) < by_index < nearest_events.scan_us(apart)
    assert nearest_events.scan_us(apart[:0]) == 0


@contextmanager
def _index_up_to(rows: int) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nearest_events, "INDEX_ROWS", rows)
        patch.setattr(nearest_events, "INDEX_SHARE", 0)
        patch.setattr(nearest_events, "INDEXED_ROW_US", 0)
        yield


def _key(row: dict[str, Any]) -> Key:
    return row["occurred_at"], row["event_id"]


def _keys(events: pa.Table) -> list[Key]:
    return [_key(row) for row in events.select(["occurred_at", "event_id"]).to_pylist()]


def _split(every: list[Key], key: Key) -> tuple[list[Key], list[Key]]:
    return [one for one in every if one < key], [one for one in every if one >= key]


def _shown(window: EventWindow) -> Shown:
    return window.events["event_id"].to_pylist(), window.earlier, window.later


def _before(history: list[dict[str, Any]], key: Key, limit: int) -> Shown:
    earlier = [one for one in history if _key(one) < key]
    shown = _whole(earlier[::-1], limit)[::-1]
    return [one["event_id"] for one in shown], len(shown) < len(earlier), True


def _after(history: list[dict[str, Any]], key: Key, limit: int) -> Shown:
    later = [one for one in history if _key(one) > key]
    shown = _whole(later, limit)
    return [one["event_id"] for one in shown], True, len(shown) < len(later)


def _about(history: list[dict[str, Any]], moment: datetime, limit: int) -> Shown:
    earlier = [one for one in history if one["occurred_at"] < moment]
    later = [one for one in history if one["occurred_at"] >= moment]
    before = _whole(earlier[::-1], limit // 2)[::-1]
    after = _whole(later, limit - len(before))
    ids = [one["event_id"] for one in [*before, *after]]
    return ids, len(before) < len(earlier), len(after) < len(later)


def _whole(events: list[dict[str, Any]], limit: int) -> list[dict[str, Any]]:
    """The first `limit`, without those at their end of the session that goes on, unless there are no others."""
    if len(events) <= limit:
        return events
    kept = list(events[:limit])
    while kept and kept[-1]["session_id"] == events[limit]["session_id"]:
        kept.pop()
    return kept or events[:limit]
