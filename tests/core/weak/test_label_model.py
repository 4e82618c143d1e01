"""The label model finds out what was planted, and does better than counting votes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.weak.label_model import LabelModel, majority_vote
from tests.core.weak.votes import INTENTS, Planted, plant

SEEDS = range(5)


def fit(planted: Planted, labeled: int = 0) -> LabelModel:
    fires, sessions, answers = planted.patterns(labeled)
    return LabelModel.fit(fires, sessions, planted.votes_for, INTENTS, answers)


@pytest.mark.parametrize("seed", SEEDS)
def test_planted_accuracies_are_recovered_without_a_label(seed: int) -> None:
    planted = plant(seed)
    found, true = fit(planted).accuracies(), planted.accuracies()
    assert np.abs(found - true).mean() < 0.07
    assert np.corrcoef(found, true)[0, 1] > 0.8


@pytest.mark.parametrize("seed", SEEDS)
def test_it_beats_majority_vote_and_says_how_sure_it_is(seed: int) -> None:
    planted = plant(seed)
    said = fit(planted).probabilities(planted.fires)
    voted = majority_vote(planted.fires, planted.votes_for, len(INTENTS))
    assert planted.right(said) > planted.right(voted) + 0.01
    covered = planted.fires.any(axis=1)
    assert abs(said.max(axis=1)[covered].mean() - planted.right(said)) < 0.08


def test_labels_teach_what_votes_alone_cannot() -> None:
    """Three copies of one bad rule outvote good ones; labels unmask them."""
    planted = plant(0, hits=(0.5, 0.6), false_alarms=(0.05, 0.06))
    random = np.random.default_rng(1)
    bad = random.random(len(planted.truth)) < 0.3
    copies = Planted(
        np.column_stack([planted.fires, bad, bad, bad]), planted.truth, np.concatenate([planted.votes_for, [1, 1, 1]])
    )
    alone, taught = fit(copies), fit(copies, labeled=300)
    true = copies.accuracies()[-1]
    assert true < 0.3
    assert abs(taught.accuracies()[-1] - true) < 0.15 < abs(alone.accuracies()[-1] - true)
    assert copies.right(taught.probabilities(copies.fires)) > copies.right(alone.probabilities(copies.fires)) + 0.1


def test_without_rules_that_differ_nothing_is_made_up() -> None:
    """Votes by lot: no rule comes out as good."""
    random = np.random.default_rng(0)
    lot = Planted(random.random((5000, 8)) < 0.2, random.integers(0, 4, 5000), np.arange(8) % 4)
    assert lot.right(fit(lot).probabilities(lot.fires)) < 0.3


def test_one_rule_is_believed_at_the_first_guess() -> None:
    model = LabelModel.fit(np.array([[True], [False]]), np.array([10, 90]), np.array([2]), INTENTS)
    probabilities = model.probabilities(np.array([[True]]))
    assert probabilities.argmax() == 2
    assert 0.5 < probabilities.max() < 0.9


def test_json_keeps_every_probability() -> None:
    planted = plant(3, sessions=500)
    model = fit(planted)
    again = LabelModel.from_json(model.to_json())
    np.testing.assert_array_equal(model.probabilities(planted.fires), again.probabilities(planted.fires))


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_votes_give_probabilities(data: st.DataObject) -> None:
    rules = data.draw(st.integers(1, 6))
    rows = data.draw(st.lists(st.lists(st.booleans(), min_size=rules, max_size=rules), min_size=1, max_size=8))
    sessions = np.array(data.draw(st.lists(st.integers(1, 10**6), min_size=len(rows), max_size=len(rows))))
    votes_for = np.array(data.draw(st.lists(st.integers(0, 3), min_size=rules, max_size=rules)))
    answers = np.zeros((len(rows), 4))
    answers[0, data.draw(st.integers(0, 3))] = data.draw(st.integers(0, 1)) * min(sessions)
    probabilities = LabelModel.fit(np.array(rows), sessions, votes_for, INTENTS, answers).probabilities(np.array(rows))
    assert np.isfinite(probabilities).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0)


def test_majority_vote_shares_the_votes() -> None:
    fires = np.array([[True, True, True], [False, False, False]])
    np.testing.assert_allclose(majority_vote(fires, np.array([0, 0, 1]), 2), [[2 / 3, 1 / 3], [0, 0]])
