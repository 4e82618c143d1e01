"""Abstaining by hand-computable cases and by its promises."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.training.abstaining import abstaining_measured, coverage_curve, threshold_for_accuracy

LABELS = np.array([0, 0, 0, 0, 1, 1, 1, 1])
SURE = np.array([0.99, 0.95, 0.9, 0.8, 0.85, 0.7, 0.6, 0.55])
RIGHT = np.array([True, True, True, False, True, True, False, False])
GUESS = np.where(RIGHT, LABELS, 1 - LABELS)
PROBABILITIES = np.where(np.arange(2)[None, :] == GUESS[:, None], SURE[:, None], 1 - SURE[:, None])


@pytest.mark.parametrize(("wanted", "expected"), [(0.0, 0.0), (0.6, 0.0), (0.8, 0.7), (1.0 - 1e-9, 0.85)])
def test_the_least_confidence_that_reaches_the_wanted_accuracy(wanted: float, expected: float) -> None:
    assert threshold_for_accuracy(LABELS, PROBABILITIES, wanted) == pytest.approx(expected)


def test_the_curve_begins_with_the_surest_and_ends_with_all() -> None:
    curve = coverage_curve(LABELS, PROBABILITIES)
    assert [point["coverage"] for point in curve] == pytest.approx(np.arange(1, 9) / 8)
    assert curve[0]["accuracy"] == 1.0
    assert curve[-1]["accuracy"] == pytest.approx(RIGHT.mean())
    assert curve[3]["accuracy"] == 1.0  # 0.99, 0.95, 0.9, 0.85


def test_where_nothing_reaches_it_something_is_still_answered() -> None:
    wrong = PROBABILITIES[:, ::-1]
    threshold = threshold_for_accuracy(LABELS, wrong, 0.99)
    assert (wrong.max(axis=1) >= threshold).any()


@given(seed=st.integers(0, 10_000), wanted=st.floats(0.05, 0.95))
def test_the_chosen_threshold_keeps_its_word_where_it_can(seed: int, wanted: float) -> None:
    random = np.random.default_rng(seed)
    labels = random.integers(0, 3, 60)
    probabilities = random.dirichlet(np.ones(3), 60)
    threshold = threshold_for_accuracy(labels, probabilities, wanted)
    answered = probabilities.max(axis=1) >= threshold
    right = probabilities.argmax(axis=1) == labels
    best = max(point["accuracy"] for point in coverage_curve(labels, probabilities) if point["coverage"] >= 0.1)
    assert right[answered].mean() >= min(wanted, best) - 1e-9


def test_it_is_measured_on_texts_that_did_not_choose_it() -> None:
    random = np.random.default_rng(0)
    labels = random.integers(0, 2, 2000)
    confidence = random.uniform(0.5, 1.0, 2000)
    guess = np.where(random.uniform(size=2000) < confidence, labels, 1 - labels)  # calibrated by construction
    probabilities = np.where(np.arange(2)[None, :] == guess[:, None], confidence[:, None], 1 - confidence[:, None])
    measured = abstaining_measured(labels, probabilities, 0.9, seed=0)
    assert measured["accuracy"] == pytest.approx(0.9, abs=0.03)
    assert 0.3 < measured["coverage"] < 0.5  # mean confidence above c is 0.9 at c = 0.8
