"""Windows of a visitor's events: whole sessions, no event twice, none forgotten."""

from datetime import timedelta

import pytest

from core.intents.annotations import submit_annotations, undo_annotation
from core.intents.taxonomy import load_taxonomy
from core.store import nearest_events
from core.store.ingest_queries import append_events
from core.store.timeline_queries import (
    current_labels,
    events_about,
    events_after,
    events_before,
    moment_of_event,
    moment_of_session,
    newest_events,
    summarize_visitors,
)
from core.store.warehouse import Warehouse
from tests.core.intents.shop import annotation
from tests.core.store.rows import START, event, items_table, table

SESSIONS, EVENTS = 6, 5


def index_up_to(events: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have visitors of so many events read by the index, the others by a scan."""
    monkeypatch.setattr(nearest_events, "INDEX_ROWS", events)
    monkeypatch.setattr(nearest_events, "INDEX_SHARE", 0)
    monkeypatch.setattr(nearest_events, "INDEXED_ROW_US", 0)


@pytest.fixture(params=[0, 2048], ids=["by scan", "by index"])
def filled(warehouse: Warehouse, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    """v1: sessions s0 to s5 of 5 events, a day apart; two events of each at the same moment. v2: another's event.

    Read in both ways.
    """
    index_up_to(request.param, monkeypatch)
    rows = [
        event(10 * session + n, minutes=1440 * session + max(0, n - 1), session_id=f"s{session}")
        for session in range(SESSIONS)
        for n in range(EVENTS)
    ]
    append_events(warehouse, table(*rows, event(999, visitor="v2", minutes=3, session_id="other")))
    return warehouse


def _ids(window) -> list[str]:
    return window.events["event_id"].to_pylist()


def test_the_newest_events_begin_with_a_whole_session(filled: Warehouse) -> None:
    window = newest_events(filled, ["v1"], 12)
    assert window.events["session_id"].to_pylist() == ["s4"] * EVENTS + ["s5"] * EVENTS
    assert (window.earlier, window.later) == (True, False)


def test_all_events_of_a_small_visitor_are_one_window(filled: Warehouse) -> None:
    window = newest_events(filled, ["v1"], 100)
    assert len(window.events) == SESSIONS * EVENTS
    assert (window.earlier, window.later) == (False, False)


@pytest.mark.parametrize("limit", [5, 7, 12, 29])
def test_walking_back_and_forth_meets_every_event_once(filled: Warehouse, limit: int) -> None:
    every = _ids(newest_events(filled, ["v1"], 100))
    back: list[str] = []
    window = newest_events(filled, ["v1"], limit)
    while True:
        back = _ids(window) + back
        if not window.earlier:
            break
        first = window.events.slice(0, 1).to_pylist()[0]
        window = events_before(filled, ["v1"], first["occurred_at"], first["event_id"], limit)
    assert back == every
    forth = back[:1]
    while True:
        moment = moment_of_event(filled, ["v1"], forth[-1])
        assert moment is not None
        window = events_after(filled, ["v1"], moment, forth[-1], limit)
        forth += _ids(window)
        if not window.later:
            break
    assert forth == every


def test_a_window_about_a_moment_has_both_sides(filled: Warehouse) -> None:
    window = events_about(filled, ["v1"], START + timedelta(days=2, hours=12), 10)
    assert sorted(set(window.events["session_id"].to_pylist())) == ["s2", "s3"]
    assert (window.earlier, window.later) == (True, True)


def test_a_moment_before_or_after_everything_finds_the_nearest(filled: Warehouse) -> None:
    early = events_about(filled, ["v1"], START - timedelta(days=900), 10)
    assert (_ids(early)[0], early.earlier, early.later) == ("e0", False, True)
    late = events_about(filled, ["v1"], START + timedelta(days=900), 10)
    assert (_ids(late)[-1], late.later) == ("e54", False)


def test_a_session_longer_than_the_window_is_cut(filled: Warehouse) -> None:
    window = newest_events(filled, ["v1"], 3)
    assert _ids(window) == ["e52", "e53", "e54"]
    assert window.earlier


def test_an_event_and_a_session_are_found_for_their_own_visitor_only(filled: Warehouse) -> None:
    assert moment_of_event(filled, ["v1"], "e10") == START + timedelta(days=1)
    assert moment_of_event(filled, ["v2"], "e10") is None
    assert moment_of_session(filled, ["v1"], "s2") == START + timedelta(days=2)
    assert moment_of_session(filled, ["v2"], "s2") is None


def test_a_visitor_is_summarised(filled: Warehouse) -> None:
    summary = summarize_visitors(filled, ["v1"])
    assert summary is not None
    assert (summary.sessions, summary.events, summary.purchases) == (SESSIONS, SESSIONS * EVENTS, 0)
    assert summary.first_at == START
    assert summarize_visitors(filled, ["nobody"]) is None


def test_labels_are_everybodys_that_stand(filled: Warehouse) -> None:
    load_taxonomy(filled)
    given = [
        annotation("deal", "s1", "ana"),
        annotation("browse", "s1", "bo"),
        annotation("search", "s1", "ana", event_id="e11"),
        annotation("browse", "s1", "cem", client_id="gone"),
        annotation(None, "s1", "dan", status="skipped"),
        annotation("browse", "s2", "ana"),
    ]
    submit_annotations(filled, given)
    undo_annotation(filled, "gone", annotator="cem")
    found = [(row["event_id"], row["intent"], row["annotator"]) for row in current_labels(filled, ["s1"])]
    assert found == [(None, "deal", "ana"), (None, "browse", "bo"), ("e11", "search", "ana")]
    assert current_labels(filled, []) == []


LAPTOP, PHONE = "laptop", "phone"


@pytest.fixture(params=[0, 12, 2048], ids=["by scan", "one by index", "by index"])
def person(warehouse: Warehouse, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    """Two visitors who take turns, event by event, in sessions of a day: 12 events of one, 18 of the other."""
    index_up_to(request.param, monkeypatch)
    rows = [
        event(
            n, minutes=1440 * (n // 10) + n, visitor=PHONE if n % 5 < 2 else LAPTOP, session_id=f"{n % 5 < 2}{n // 10}"
        )
        for n in range(30)
    ]
    append_events(warehouse, table(*rows, event(999, visitor="stranger", minutes=3, session_id="other")))
    return warehouse


@pytest.mark.parametrize("limit", [4, 7, 11])
def test_the_visitors_of_a_person_are_one_stream_without_anybody_elses_events(person: Warehouse, limit: int) -> None:
    both = [LAPTOP, PHONE]
    every = [f"e{n}" for n in range(30)]
    assert _ids(newest_events(person, both, 100)) == every
    back: list[str] = []
    window = newest_events(person, both, limit)
    while True:
        back = _ids(window) + back
        if not window.earlier:
            break
        first = window.events.slice(0, 1).to_pylist()[0]
        window = events_before(person, both, first["occurred_at"], first["event_id"], limit)
    assert back == every
    forth: list[str] = []
    moment, last = START - timedelta(days=1), ""
    while True:
        window = events_after(person, both, moment, last, limit)
        forth += _ids(window)
        if not window.later:
            break
        moment, last = window.events.slice(len(window.events) - 1).to_pylist()[0]["occurred_at"], forth[-1]
    assert forth == every


@pytest.mark.parametrize("hours", range(-5, 80, 17))
def test_a_window_about_any_moment_is_of_events_side_by_side(person: Warehouse, hours: int) -> None:
    window = events_about(person, [LAPTOP, PHONE], START + timedelta(hours=hours), 9)
    found = [int(name[1:]) for name in _ids(window)]
    assert found == list(range(found[0], found[-1] + 1))
    assert (window.earlier, window.later) == (found[0] > 0, found[-1] < 29)
    assert 1 <= len(found) <= 9


def test_an_event_says_what_its_item_is_where_it_says_nothing_itself(warehouse: Warehouse) -> None:
    mug = {"item_id": "i1", "title": "Mug", "price": 8.0, "category": "kitchen", "brand": "Ny"}
    rows = [event(0, item_id="i1"), event(1, minutes=1, item_id="i1", price=7.0, category="sale", brand="Own")]
    append_events(warehouse, table(*rows, event(2, minutes=2)), items=items_table(mug))
    found = newest_events(warehouse, ["v1"], 10).events.select(["title", "price", "category", "brand"]).to_pylist()
    assert [tuple(row.values()) for row in found] == [
        ("Mug", 8.0, "kitchen", "Ny"),
        ("Mug", 7.0, "sale", "Own"),
        (None, None, None, None),
    ]
