"""Stopping: kappa by its definition, and a signal only when successive models have settled."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from core.active.stopping import agreement, stabilized

intents = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=2, max_size=40)


@given(intents)
def test_kappa_is_the_one_of_the_reference(pairs: list[tuple[str, str]]) -> None:
    first, second = (np.array(side) for side in zip(*pairs, strict=True))
    if len(set(first) | set(second)) < 2:
        assert agreement(first, second) == 1.0
    else:
        assert agreement(first, second) == pytest.approx(cohen_kappa_score(first, second))


def test_models_that_settle_stop_and_models_that_wander_do_not() -> None:
    generator = np.random.default_rng(4)
    settled = generator.integers(0, 5, 3000)
    wandering = [generator.permutation(settled) for _ in range(6)]
    assert not stabilized(wandering).stop
    assert abs(stabilized(wandering).mean or 1.0) < 0.05
    assert stabilized([*wandering[:3], *[settled] * 4]).stop
    assert not stabilized([*wandering[:3], *[settled] * 3]).stop, "two agreements in a row may be chance"


def test_too_few_models_never_stop() -> None:
    same = np.array(["browse", "deal"])
    assert stabilized([same, same, same]).mean is None
    assert not stabilized([]).stop


def test_different_sets_are_refused() -> None:
    with pytest.raises(ValueError, match="2 and 1 sessions"):
        agreement(np.array([1, 2]), np.array([1]))
