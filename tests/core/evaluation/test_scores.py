"""Macro-F1 and its intervals: the page's quick bootstrap is the training's slow one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.evaluation.scores import difference_score, macro_f1_of, macro_f1_score, scores_beside
from core.training.metrics import bootstrap_interval, macro_f1
from tests.core.evaluation.records import Played, records

K = 4
TABLES = st.integers(1, 30).flatmap(
    lambda n: st.tuples(*(st.lists(st.integers(0, K - 1), min_size=n, max_size=n) for _ in range(3)))
)


@settings(max_examples=5, deadline=None)
@given(TABLES)
def test_value_and_interval_are_those_of_training(table: tuple[list[int], list[int], list[int]]) -> None:
    labels, guesses, groups = (np.array(column) for column in table)
    probabilities = np.eye(K)[guesses]
    score = macro_f1_score(labels, guesses, K, groups)
    assert score.value == pytest.approx(macro_f1(labels, probabilities))
    assert (score.low, score.high) == pytest.approx(bootstrap_interval(macro_f1, labels, probabilities, groups))
    assert score.n == len(labels)


@settings(max_examples=5, deadline=None)
@given(TABLES)
def test_a_difference_turns_its_sign_with_its_sides(table: tuple[list[int], list[int], list[int]]) -> None:
    labels, one, other = (np.array(column) for column in table)
    groups = np.arange(len(labels))
    there, back = (difference_score(labels, *pair, K, groups) for pair in ((one, other), (other, one)))
    assert (there.value, there.low, there.high) == pytest.approx((-back.value, -back.high, -back.low))


def test_a_model_beside_itself_differs_by_nothing_and_surely() -> None:
    labels, guesses = np.array([0, 1, 2, 1]), np.array([0, 2, 2, 1])
    score = difference_score(labels, guesses, guesses, K, np.arange(4))
    assert (score.value, score.low, score.high) == (0.0, 0.0, 0.0)


def test_by_hand() -> None:
    # labels 0 0 1, guesses 0 1 1: F1 of each is 2/3; the intents without labels do not count
    confusion = np.zeros((K, K), dtype=int)
    confusion[0, 0] = confusion[0, 1] = confusion[1, 1] = 1
    assert macro_f1_of(confusion) == pytest.approx(2 / 3)
    assert macro_f1_of(np.zeros((K, K), dtype=int)) == 0.0


def test_model_and_baselines_are_scored_on_the_same_rows() -> None:
    found = records(Played("a", "bs", "s", beside="bs"), Played("b", "d", "d", beside="b")).labelled()
    scores = scores_beside(found)
    assert (scores["model"].value, scores["model"].n) == (1.0, 2)
    assert scores["trees"].value == pytest.approx(0.5)
