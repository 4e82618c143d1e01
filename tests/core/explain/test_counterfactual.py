"""The smallest change against brute force, on models small enough to try everything."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.explain.counterfactual import Limits, find_smallest_change, margin
from core.explain.edits import Edit, Remove, changed


class Toy:
    """Two intents; the second wins once the chosen edits, and pairs of them, push more than the first leads."""

    def __init__(
        self, candidates: Sequence[Edit], pushes: Sequence[float], pairs: dict[tuple[int, int], float]
    ) -> None:
        self._place = {edit: number for number, edit in enumerate(candidates)}
        self._pushes, self._pairs = pushes, pairs
        self.scored = 0

    def __call__(self, variants: Sequence[Sequence[Edit]]) -> np.ndarray:
        self.scored += len(variants)
        return np.array([self._row({self._place[edit] for edit in edits}) for edits in variants], dtype=np.float32)

    def _row(self, chosen: set[int]) -> list[float]:
        push = sum(self._pushes[one] for one in chosen)
        push += sum(value for pair, value in self._pairs.items() if set(pair) <= chosen)
        second = 1 / (1 + np.exp(1.05 - push))
        return [1 - second, second]


def brute_force(candidates: Sequence[Edit], toy: Toy, most: int) -> int | None:
    """The size of the smallest flipping set."""
    for size in range(1, most + 1):
        for chosen in combinations(candidates, size):
            if len({edit.event_id for edit in chosen}) == size and toy([chosen])[0].argmax() == 1:
                return size
    return None


CANDIDATES = [edit for n in range(4) for edit in (Remove(f"e{n}"), changed(f"e{n}", event_type="search"))]
pushes = st.lists(st.integers(-4, 8).map(lambda tenths: tenths / 10), min_size=8, max_size=8)
pairs = st.dictionaries(
    st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda pair: pair[0] < pair[1]),
    st.sampled_from([-1.0, 0.5, 1.5]),
    max_size=6,
)


@given(pushes, pairs)
def test_the_size_found_is_the_smallest_there_is(single: list[float], together: dict[tuple[int, int], float]) -> None:
    toy = Toy(CANDIDATES, single, together)
    found = find_smallest_change(CANDIDATES, toy, limits=Limits(most_edits=4))
    exact = brute_force(CANDIDATES, toy, 4)
    assert (None if found.edits is None else len(found.edits)) == exact
    if found.edits is None:
        assert (found.proven_up_to, found.spent) == (4, False)
        return
    assert found.is_smallest
    assert found.after is not None
    assert found.after.argmax() == 1
    assert found.before.argmax() == 0
    sizes = [found.greedy_size or 99, found.beam_size or 99, len(found.edits)]
    assert sizes == sorted(sizes, reverse=True)


@given(pushes, pairs, st.integers(9, 60))
def test_a_short_search_claims_no_more_than_it_tried(
    single: list[float], together: dict[tuple[int, int], float], most_tried: int
) -> None:
    toy = Toy(CANDIDATES, single, together)
    found = find_smallest_change(CANDIDATES, toy, limits=Limits(most_edits=4, most_tried=most_tried))
    exact = brute_force(CANDIDATES, toy, 4) or 99
    assert found.tried <= most_tried
    if found.edits is None:
        assert exact > found.proven_up_to
    else:
        assert toy([found.edits])[0].argmax() == 1
        assert len(found.edits) == exact or (len(found.edits) > exact and not found.is_smallest)


def test_greed_can_be_beaten() -> None:
    """The best single edit leads astray; two edits that are nothing alone flip it together."""
    toy = Toy(CANDIDATES, [0.6, 0, 0.3, 0, 0.3, 0, 0, 0], {(3, 5): 1.5})
    found = find_smallest_change(CANDIDATES, toy)
    assert found.greedy_size == 3
    assert found.edits == (CANDIDATES[3], CANDIDATES[5])
    assert found.is_smallest


def test_time_stops_the_search() -> None:
    clock = iter(float(second) for second in range(1000))
    toy = Toy(CANDIDATES, [0.0] * 8, {})
    found = find_smallest_change(CANDIDATES, toy, limits=Limits(most_seconds=2.5), now=lambda: next(clock))
    assert (found.edits, found.spent) == (None, True)
    assert toy.scored < 150


def test_an_event_is_edited_once_at_most() -> None:
    found = find_smallest_change(CANDIDATES[:2], Toy(CANDIDATES, [0.6, 0.6] + [0.0] * 6, {}))
    assert found.edits is None


def test_the_margin_is_above_zero_where_the_wanted_intent_wins() -> None:
    rows = np.array([[0.5, 0.3, 0.2], [0.3, 0.4, 0.3], [0.1, 0.2, 0.7]], dtype=np.float32)
    assert margin(rows, 0, None) == pytest.approx([-0.2, 0.1, 0.6])
    assert margin(rows, 0, 2) == pytest.approx([-0.3, -0.1, 0.5])
