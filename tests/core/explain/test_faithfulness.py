"""Faithfulness measures against values computed by hand."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.explain.faithfulness import kendall_tau, measure_faithfulness
from tests.core.explain.toys import linear, prediction_of

TOTALS = np.array([0.4, 0.1, 0.3, 0.0, 0.2], dtype=np.float32)


def _additive_prediction():
    return prediction_of(linear(torch.ones(5, 1, 1)), torch.from_numpy(TOTALS).reshape(5, 1, 1))


def test_on_an_additive_model_true_totals_agree_perfectly() -> None:
    measured = measure_faithfulness(_additive_prediction(), TOTALS)
    assert measured.agreement == pytest.approx(1.0)
    # 10, 20 and 50 % of five events are 1, 1 and 2 events: falls of 0.4, 0.4 and 0.7 out of 1.0.
    assert measured.comprehensiveness == pytest.approx((0.4 + 0.4 + 0.7) / 3, abs=1e-6)
    assert measured.sufficiency == pytest.approx((0.6 + 0.6 + 0.3) / 3, abs=1e-6)


def test_totals_in_the_wrong_order_are_found_out() -> None:
    wrong = measure_faithfulness(_additive_prediction(), TOTALS[::-1].copy() * -1)
    right = measure_faithfulness(_additive_prediction(), TOTALS)
    assert wrong.comprehensiveness < right.comprehensiveness
    assert wrong.agreement < right.agreement


def test_agreement_is_undefined_below_three_events() -> None:
    assert math.isnan(kendall_tau(np.array([1.0, 2.0]), np.array([1.0, 2.0])))
    assert math.isnan(kendall_tau(np.array([1.0, 1.0, 1.0]), np.array([1.0, 2.0, 3.0])))


@given(st.permutations(range(6)))
def test_kendall_tau_counts_concordant_minus_discordant_pairs(order: list[int]) -> None:
    left, right = np.arange(6.0), np.array(order, dtype=float)
    pairs = [(i, j) for i in range(6) for j in range(i + 1, 6)]
    expected = sum(1 if order[i] < order[j] else -1 for i, j in pairs) / len(pairs)
    assert kendall_tau(left, right) == pytest.approx(expected)
