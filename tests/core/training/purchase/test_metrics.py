"""Figures at prefixes, on frames small enough to check by hand."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from core.training.purchase.metrics import calibration, measure, prefixes, table_of


def test_a_prefix_has_one_event_of_each_session_that_is_long_enough() -> None:
    place = np.array([1, 2, 3, 4, 1, 1, 2, 3])
    length = np.array([4, 4, 4, 4, 1, 3, 3, 3])
    rows = {(prefix.kind, prefix.at): prefix.rows.tolist() for prefix in prefixes(place, length)}
    assert rows["events", 1] == [0, 4, 5]
    assert rows["events", 3] == [2, 7]
    assert rows["events", 5] == []
    assert rows["share", 0.25] == [0, 4, 5], "a quarter of 4, 1 and 3 events is in the first event"
    assert rows["share", 0.5] == [1, 4, 6]
    assert rows["share", 0.75] == [2, 4, 7]


def test_figures_are_those_computed_by_hand() -> None:
    answers = np.array([True, False, True, False] * 5)
    good = np.where(answers, 0.9, 0.1)
    half = np.full(20, 0.5)
    figures = measure(answers, {"model": good, "trees": half}, np.arange(20))
    assert (figures["sessions"], figures["buyers"], figures["base_rate"]) == (20, 10, 0.5)
    assert (figures["model"]["auroc"], figures["model"]["pr_auc"]) == (1.0, 1.0)
    assert (figures["trees"]["auroc"], figures["trees"]["pr_auc"]) == (0.5, 0.5)
    low, high = figures["trees"]["behind"]
    assert 0.2 < low < 0.5 < high < 0.8, "the trees are one half behind, the base rate varies over the draws"
    assert "behind" not in figures["model"]


def test_figures_are_those_of_scikit_learn_with_ties_too() -> None:
    random = np.random.default_rng(1)
    answers, probabilities = random.random(300) < 0.3, np.round(random.random(300), 1)
    figures = measure(answers, {"model": probabilities}, np.arange(300))["model"]
    assert figures["auroc"] == pytest.approx(roc_auc_score(answers, probabilities))
    assert figures["pr_auc"] == pytest.approx(average_precision_score(answers, probabilities))
    low, high = figures["auroc_interval"]
    assert low < figures["auroc"] < high


def test_whole_visitors_are_drawn() -> None:
    answers = np.tile([True, False], 50)
    probabilities = np.random.default_rng(0).random(100)
    alone = measure(answers, {"model": probabilities}, np.arange(100))["model"]["auroc_interval"]
    pairs = measure(answers, {"model": probabilities}, np.arange(100) // 10)["model"]["auroc_interval"]
    assert alone != pairs


def test_one_kind_of_session_only_has_no_figure() -> None:
    table = table_of(np.zeros(3, bool), np.ones(3, int), np.full(3, 2), {"model": np.ones(3)}, np.arange(3))
    assert [row["model"] for row in table] == [None] * 7
    assert table[0]["base_rate"] == 0.0
    assert table[1] == {"kind": "events", "at": 3, "sessions": 0, "buyers": 0, "base_rate": None, "model": None}


def test_calibration_compares_what_was_said_with_what_happened() -> None:
    answers = np.array([True, False, False, False, True, True])
    found = calibration(answers, np.array([0.25, 0.25, 0.25, 0.25, 0.95, 0.95]))
    assert found["ece"] == pytest.approx(2 * 0.05 / 6)
    assert [(entry["events"], entry["bought"]) for entry in found["bins"]] == [(4, 0.25), (2, 1.0)]
