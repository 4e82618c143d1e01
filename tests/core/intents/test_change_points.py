"""Where an intent changes and stays changed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.intents.change_points import ChangePoint, change_points


def _points(likeliest: str, sessions: str | None = None, stays: int = 2) -> list[ChangePoint]:
    """`likeliest` has a digit an event ("-": not scored), `sessions` a letter."""
    rows = np.full((len(likeliest), 3), 0.1)
    for at, intent in enumerate(likeliest):
        if intent == "-":
            rows[at] = np.nan
        else:
            rows[at, int(intent)] = 0.8
    return change_points(rows, list(sessions or "a" * len(likeliest)), stays)


def test_a_change_that_stays_is_told_at_its_first_event() -> None:
    assert _points("00011") == [ChangePoint(3, 0, 1)]


def test_a_flicker_is_passed_over_and_so_is_the_way_back() -> None:
    assert _points("0010000") == []


def test_a_change_at_the_very_end_is_not_known_to_stay() -> None:
    assert _points("0001") == []
    assert _points("0001", stays=1) == [ChangePoint(3, 0, 1)]


def test_a_wavering_stretch_between_two_intents_is_one_change_between_them() -> None:
    assert _points("00121222") == [ChangePoint(5, 0, 2)]


def test_each_session_is_looked_at_alone() -> None:
    assert _points("001111", "aabbbb") == []
    assert _points("0000", "abab") == []


def test_what_was_not_scored_interrupts_a_run() -> None:
    assert _points("001-1") == []
    assert _points("001-11") == [ChangePoint(4, 0, 1)]


def test_nothing_and_unequal_lengths() -> None:
    assert change_points(np.zeros((0, 3)), []) == []
    with pytest.raises(ValueError, match="2 rows of probabilities for 1 events"):
        change_points(np.zeros((2, 3)), ["a"])


@given(st.lists(st.tuples(st.sampled_from("012-"), st.sampled_from("ab")), max_size=40), st.integers(1, 4))
def test_every_change_starts_a_run_long_enough_and_follows_on_the_one_before(
    events: list[tuple[str, str]], stays: int
) -> None:
    events = sorted(events, key=lambda event: event[1])
    likeliest, sessions = "".join(event[0] for event in events), "".join(event[1] for event in events)
    settled: dict[str, int] = {}
    for point in _points(likeliest, sessions, stays):
        session = sessions[point.at]
        assert likeliest[point.at : point.at + stays] == str(point.after) * stays
        assert sessions[point.at : point.at + stays] == session * stays
        assert point.before != point.after
        assert settled.get(session, point.before) == point.before
        settled[session] = point.after
