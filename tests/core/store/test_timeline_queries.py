"""Windows of a visitor's events: whole sessions, no event twice, none forgotten."""

from datetime import timedelta

import pytest

from core.intents.annotations import submit_annotations, undo_annotation
from core.intents.taxonomy import load_taxonomy
from core.store import timeline_queries
from core.store.ingest_queries import append_events
from core.store.timeline_queries import (
    current_labels,
    events_about,
    events_after,
    events_before,
    moment_of_event,
    moment_of_session,
    newest_events,
    summarize_visitor,
)
from core.store.warehouse import Warehouse
from tests.core.intents.shop import annotation
from tests.core.store.rows import START, event, table

SESSIONS, EVENTS = 6, 5


@pytest.fixture(params=[0, 2000], ids=["by period", "by index"])
def filled(warehouse: Warehouse, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    """v1: sessions s0 to s5 of 5 events, a day apart; two events of each at the same moment. v2: another's event.

    Read in both of the ways that a visitor's number of events decides on.
    """
    monkeypatch.setattr(timeline_queries, "INDEXED_EVENTS", request.param)
    rows = [
        event(10 * session + n, minutes=1440 * session + max(0, n - 1), session_id=f"s{session}")
        for session in range(SESSIONS)
        for n in range(EVENTS)
    ]
    append_events(warehouse, table(*rows, event(999, visitor="v2", minutes=3, session_id="other")))
    return warehouse


def _ids(window) -> list[str]:
    return [row["event_id"] for row in window.events]


def test_the_newest_events_begin_with_a_whole_session(filled: Warehouse) -> None:
    window = newest_events(filled, "v1", 12)
    assert [row["session_id"] for row in window.events] == ["s4"] * EVENTS + ["s5"] * EVENTS
    assert (window.earlier, window.later) == (True, False)


def test_all_events_of_a_small_visitor_are_one_window(filled: Warehouse) -> None:
    window = newest_events(filled, "v1", 100)
    assert len(window.events) == SESSIONS * EVENTS
    assert (window.earlier, window.later) == (False, False)


@pytest.mark.parametrize("limit", [5, 7, 12, 29])
def test_walking_back_and_forth_meets_every_event_once(filled: Warehouse, limit: int) -> None:
    every = _ids(newest_events(filled, "v1", 100))
    back: list[str] = []
    window = newest_events(filled, "v1", limit)
    while True:
        back = _ids(window) + back
        if not window.earlier:
            break
        first = window.events[0]
        window = events_before(filled, "v1", first["occurred_at"], first["event_id"], limit)
    assert back == every
    forth = back[:1]
    while True:
        moment = moment_of_event(filled, "v1", forth[-1])
        assert moment is not None
        window = events_after(filled, "v1", moment, forth[-1], limit)
        forth += _ids(window)
        if not window.later:
            break
    assert forth == every


def test_a_window_about_a_moment_has_both_sides(filled: Warehouse) -> None:
    window = events_about(filled, "v1", START + timedelta(days=2, hours=12), 10)
    assert sorted({row["session_id"] for row in window.events}) == ["s2", "s3"]
    assert (window.earlier, window.later) == (True, True)


def test_a_moment_before_or_after_everything_finds_the_nearest(filled: Warehouse) -> None:
    early = events_about(filled, "v1", START - timedelta(days=900), 10)
    assert (_ids(early)[0], early.earlier, early.later) == ("e0", False, True)
    late = events_about(filled, "v1", START + timedelta(days=900), 10)
    assert (_ids(late)[-1], late.later) == ("e54", False)


def test_a_session_longer_than_the_window_is_cut(filled: Warehouse) -> None:
    window = newest_events(filled, "v1", 3)
    assert _ids(window) == ["e52", "e53", "e54"]
    assert window.earlier


def test_an_event_and_a_session_are_found_for_their_own_visitor_only(filled: Warehouse) -> None:
    assert moment_of_event(filled, "v1", "e10") == START + timedelta(days=1)
    assert moment_of_event(filled, "v2", "e10") is None
    assert moment_of_session(filled, "v1", "s2") == START + timedelta(days=2)
    assert moment_of_session(filled, "v2", "s2") is None


def test_a_visitor_is_summarised(filled: Warehouse) -> None:
    summary = summarize_visitor(filled, "v1")
    assert summary is not None
    assert (summary.sessions, summary.events, summary.purchases) == (SESSIONS, SESSIONS * EVENTS, 0)
    assert summary.first_at == START
    assert summarize_visitor(filled, "nobody") is None


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
