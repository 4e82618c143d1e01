"""Edits of a session's events: nothing lost, times in order, and each one undone by its opposite."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidEditError
from core.events.schema import EVENT_COLUMNS
from core.explain.edit_text import edits_of_text, text_of_edits
from core.explain.edits import (
    Change,
    Edit,
    Insert,
    Move,
    Remove,
    Row,
    apply_edits,
    changed,
    longest_gap_s,
    split_sessions,
)

START = datetime(2026, 5, 1, 12)


def session(*gaps: float) -> list[Row]:
    """Events e0, e1 … with these pauses before each but the first."""
    at, rows = START, []
    for number, gap in enumerate((0.0, *gaps)):
        at += timedelta(seconds=gap)
        known = {"event_id": f"e{number}", "occurred_at": at, "received_at": at, "visitor_id": "v", "session_id": "s"}
        rows.append(
            dict.fromkeys(EVENT_COLUMNS) | known | {"event_type": "view", "item_id": f"i{number}", "price": 5.0}
        )
    return rows


def ids(rows: list[Row]) -> list[str]:
    return [row["event_id"] for row in rows]


def seconds(rows: list[Row]) -> list[float]:
    return [(row["occurred_at"] - START).total_seconds() for row in rows]


gaps = st.lists(st.sampled_from([0.0, 1.0, 5.0, 60.0]), min_size=1, max_size=8)


@st.composite
def edits_for(draw: st.DrawFn, count: int) -> list[Edit]:
    """Edits that fit a session of `count` events, whatever was done before."""
    alive, edits, new = [f"e{number}" for number in range(count)], [], 0
    for _ in range(draw(st.integers(0, 8))):
        event_id = draw(st.sampled_from(alive))
        kind = draw(st.sampled_from("rimc"))
        if kind == "r" and len(alive) > 1:
            alive.remove(event_id)
            edits.append(Remove(event_id))
        elif kind == "i":
            edits.append(Insert(f"n{new}", event_id, draw(st.sampled_from([0, 7])), (("event_type", "search"),)))
            alive.append(f"n{new}")
            new += 1
        elif kind == "m":
            edits.append(Move(event_id, draw(st.integers(-3, 3))))
        elif kind == "c":
            edits.append(changed(event_id, event_type="message", text="退货", price=None))
    return edits


@given(st.data(), gaps)
def test_no_event_is_lost_or_doubled_and_time_never_runs_back(data: st.DataObject, pauses: list[float]) -> None:
    rows = session(*pauses)
    before = [dict(row) for row in rows]
    edits = data.draw(edits_for(len(rows)))
    result = apply_edits(rows, edits)
    removed = {edit.event_id for edit in edits if isinstance(edit, Remove)}
    inserted = {edit.event_id for edit in edits if isinstance(edit, Insert)}
    assert sorted(ids(result)) == sorted(({row["event_id"] for row in rows} | inserted) - removed)
    moments = [(row["occurred_at"], row["event_id"]) for row in result]
    assert moments == sorted(moments)
    assert rows == before  # the edited session is a copy


@given(st.data(), gaps)
def test_editing_on_is_editing_at_once(data: st.DataObject, pauses: list[float]) -> None:
    rows = session(*pauses)
    edits = data.draw(edits_for(len(rows)))
    at_once = apply_edits(rows, edits)
    for count in range(len(edits)):
        in_two = apply_edits(apply_edits(rows, edits[:count]), edits[count:])
        assert ids(in_two) == ids(at_once)  # moments may differ by the ticks that part events of one moment
        assert [row["event_type"] for row in in_two] == [row["event_type"] for row in at_once]


@given(gaps, st.integers(0, 7), st.integers(-8, 8))
def test_a_move_back_undoes_a_move(pauses: list[float], number: int, by: int) -> None:
    rows = session(*[pause + 1 for pause in pauses])
    number %= len(rows)
    moved = apply_edits(rows, [Move(f"e{number}", by)])
    back = number - ids(moved).index(f"e{number}")
    assert apply_edits(moved, [Move(f"e{number}", back)]) == rows


@given(st.data(), gaps)
def test_the_address_keeps_the_edits(data: st.DataObject, pauses: list[float]) -> None:
    edits = tuple(data.draw(edits_for(len(pauses) + 1)))
    assert edits_of_text(text_of_edits(edits)) == edits


def test_a_removal_leaves_the_others_where_they_were() -> None:
    assert seconds(apply_edits(session(10, 20, 30), [Remove("e1")])) == [0, 30, 60]


def test_an_insertion_makes_room_for_itself() -> None:
    result = apply_edits(session(10, 20), [Insert("n", "e0", 4, (("event_type", "search"), ("query", "mug")))])
    assert ids(result) == ["e0", "n", "e1", "e2"]
    assert seconds(result) == [0, 4, 14, 34]
    assert (result[1]["query"], result[1]["item_id"], result[1]["session_id"]) == ("mug", None, "s")


def test_an_insertion_before_the_first_event_moves_nothing() -> None:
    result = apply_edits(session(10), [Insert("n", None, 4, ())])
    assert (ids(result), seconds(result)) == (["n", "e0", "e1"], [-4, 0, 10])


def test_a_moved_event_changes_places_and_the_moments_stay() -> None:
    result = apply_edits(session(10, 20), [Move("e2", -2)])
    assert (ids(result), seconds(result)) == (["e2", "e0", "e1"], [0, 10, 30])


def test_a_longer_pause_moves_everything_after_it() -> None:
    assert seconds(apply_edits(session(10, 20, 30), [changed("e1", gap_s=100)])) == [0, 100, 120, 150]


def test_another_item_brings_its_own_price() -> None:
    assert apply_edits(session(), [changed("e0", item_id="other")])[0]["price"] is None
    assert apply_edits(session(), [changed("e0", item_id="other", price=3)])[0]["price"] == 3.0


def test_a_pause_longer_than_a_session_bridges_begins_a_session() -> None:
    rows = session(10, 20)
    limit = longest_gap_s(rows, 30)
    assert limit == 1800
    named = split_sessions(apply_edits(rows, [changed("e1", gap_s=1801)]), limit)
    assert [row["session_id"] for row in named] == ["s", "s~2", "s~2"]
    assert longest_gap_s(session(4000, 5), 30) == 4000  # a session whose id was given bridges what it bridges


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (Remove("e9"), "'e9' is not in the session"),
        (changed("e0", event_type="dance"), "event_type is 'dance'"),
        (changed("e0", price=-1), "price is '-1'"),
        (changed("e0", price="dear"), "price is 'dear'"),
        (changed("e1", gap_s=-2), "The pause is '-2'"),
        (changed("e0", gap_s=2), "first event has no pause"),
        (changed("e0", brand="Nord"), "'brand' cannot be changed"),
        (changed("e0", query="x" * 501), "at most 500"),
        (Insert("e1", "e0", 1, ()), "an event 'e1' already"),
    ],
)
def test_what_cannot_be_is_named_with_its_cure(edit: Edit, words: str) -> None:
    with pytest.raises(InvalidEditError, match=words):
        apply_edits(session(10), [edit])


def test_some_event_must_remain() -> None:
    with pytest.raises(InvalidEditError, match="No event is left"):
        apply_edits(session(), [Remove("e0")])


@pytest.mark.parametrize("text", ["{", "7", '[["x","e1"]]', '[["c","e1",{"price":[1]}]]', '[["m","e1","up"]]'])
def test_a_damaged_address_is_refused_in_words(text: str) -> None:
    with pytest.raises(InvalidEditError):
        edits_of_text(text)


def test_values_of_a_change_keep_their_order() -> None:
    edit = Change("e0", (("query", "b"), ("price", 1.5)))
    assert text_of_edits([edit]) == '[["c","e0",{"query":"b","price":1.5}]]'
