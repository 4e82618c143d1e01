"""Metrics against figures worked out by hand; baselines learn from the past only."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score

from core.training.baselines import BaseRateBaseline, KGramBaseline, TreesBaseline
from core.training.calibration import fit_temperature
from core.training.metrics import (
    bootstrap_interval,
    brier_score,
    evaluate_probabilities,
    expected_calibration_error,
    macro_f1,
    standard_error,
)
from core.training.prefix_features import prefix_features
from tests.core.model.shop import INTENTS, Shop, make_shop

LABELS = np.array([0, 0, 1, 1])
PROBABILITIES = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.3, 0.7]])


@pytest.fixture(scope="module")
def shop() -> Shop:
    return make_shop(visitors=60)


def test_macro_f1_is_scikit_learns() -> None:
    random = np.random.default_rng(0)
    for intents in (2, 4, 7):
        labels, probabilities = random.integers(0, intents - 1, 50), random.dirichlet(np.ones(intents), 50)
        expected = f1_score(labels, probabilities.argmax(axis=1), labels=np.unique(labels), average="macro")
        assert macro_f1(labels, probabilities) == pytest.approx(expected)


def test_figures_worked_out_by_hand() -> None:
    figures = evaluate_probabilities(LABELS, PROBABILITIES)
    assert figures["macro_f1"] == pytest.approx((2 / 3 + 4 / 5) / 2)
    assert figures["confusion"] == [[1, 1], [0, 2]]
    assert figures["per_intent"][0]["recall"] == 0.5
    assert brier_score(LABELS, PROBABILITIES) == pytest.approx((0.02 + 0.72 + 0.08 + 0.18) / 4)
    assert expected_calibration_error(LABELS, PROBABILITIES) == pytest.approx((0.1 + 0.6 + 0.2 + 0.3) / 4)


def test_an_intent_that_never_occurs_does_not_count_against_the_mean() -> None:
    three = np.column_stack([PROBABILITIES, np.zeros(4)])
    assert macro_f1(LABELS, three) == macro_f1(LABELS, PROBABILITIES)
    assert evaluate_probabilities(LABELS, three)["per_intent"][2]["pr_auc"] is None


def test_the_interval_holds_the_figure_and_is_wider_for_few_visitors() -> None:
    random = np.random.default_rng(0)
    labels = random.integers(0, 2, 400)
    probabilities = np.clip(np.eye(2)[labels] * 0.6 + random.uniform(0, 0.7, (400, 2)), 0, 1)
    many = bootstrap_interval(macro_f1, labels, probabilities, np.arange(400))
    few = bootstrap_interval(macro_f1, labels, probabilities, np.arange(400) // 40)
    assert many[0] <= macro_f1(labels, probabilities) <= many[1]
    assert 0 < many[1] - many[0] < 0.2
    assert few[0] < few[1]


def test_the_temperature_undoes_a_known_scaling() -> None:
    random = np.random.default_rng(1)
    logits = random.normal(size=(5000, 3))
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = np.array([random.choice(3, p=row) for row in chances])
    assert fit_temperature(3.0 * logits, labels) == pytest.approx(3.0, rel=0.1)
    few, many = np.arange(len(labels)) % 5, np.arange(len(labels))
    assert 1.0 < fit_temperature(3.0 * logits, labels, few) < 1.3  # five sessions do not overturn what is likely
    assert fit_temperature(3.0 * logits, labels, few, spread=0.05) == pytest.approx(1.0, abs=0.05)
    assert fit_temperature(3.0 * logits, labels, many) == pytest.approx(3.0, rel=0.2)


def test_features_of_an_event_do_not_change_with_what_comes_later(shop: Shop) -> None:
    names, whole = prefix_features(shop.events, shop.items)
    cut = len(shop.events) // 2
    _, part = prefix_features(shop.events.iloc[:cut], shop.items)
    fixed = [place for place, name in enumerate(names) if not name.startswith(("words", "last_words", "price_level"))]
    np.testing.assert_allclose(whole[:cut, fixed], part[:, fixed], equal_nan=True)


@pytest.mark.parametrize(("kind", "least"), [(BaseRateBaseline, 0.0), (KGramBaseline, 0.5), (TreesBaseline, 0.6)])
def test_baselines_learn_what_they_can(kind: type[TreesBaseline], least: float, shop: Shop) -> None:
    answers = pd.Series(shop.truth).map({intent: place for place, intent in enumerate(INTENTS)}).to_numpy()
    rows = np.arange(len(answers))
    training = rows[rows % 2 == 0]
    baseline = kind(len(INTENTS))
    baseline.fit(shop.events, shop.items, training, answers[training], np.ones(len(training)))
    guessed = baseline.predict_proba(shop.events, shop.items, rows[rows % 2 == 1])
    np.testing.assert_allclose(guessed.sum(axis=1), 1.0)
    assert macro_f1(answers[rows % 2 == 1], guessed) > least


def test_trees_taught_one_intent_only_answer_it(shop: Shop) -> None:
    trees = TreesBaseline(3).fit(shop.events, shop.items, np.arange(5), np.ones(5, dtype=int), np.ones(5))
    assert trees.predict_proba(shop.events, shop.items, np.arange(2)).argmax(axis=1).tolist() == [1, 1]


def test_the_standard_error_counts_groups_not_rows() -> None:
    values = np.array([1.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0, -1.0])
    alone = standard_error(values, np.arange(8))
    assert alone == pytest.approx(np.sqrt(8) / 8)
    assert standard_error(values, np.repeat([0, 1], 4)) == pytest.approx(2 * alone), "four alike are one"
    assert standard_error(values, np.zeros(8)) == 0.0
