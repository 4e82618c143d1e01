"""Faithfulness measures against values computed by hand."""

import math

import numpy as np
import pytest
import torch
from captum.metrics import infidelity as captum_infidelity
from hypothesis import given
from hypothesis import strategies as st

from core.explain.faithfulness import (
    LEFT_OUT_POSITIONS,
    infidelity,
    kendall_tau,
    measure_faithfulness,
    random_sets,
)
from core.explain.verdict import Verdict, judge
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


def test_true_totals_of_an_additive_model_foresee_everything_and_beat_chance() -> None:
    measured = measure_faithfulness(_additive_prediction(), TOTALS)
    assert measured.infidelity == pytest.approx(0, abs=1e-9)
    assert measured.comprehensiveness > measured.chance > 0
    assert measured.left_out == 5


def test_a_heatmap_of_zeros_foresees_nothing_and_the_opposite_less() -> None:
    zeros, opposite = (measure_faithfulness(_additive_prediction(), totals) for totals in (0 * TOTALS, -TOTALS))
    assert zeros.infidelity == pytest.approx(1)
    assert opposite.infidelity == pytest.approx(4)


def test_infidelity_is_captums_as_a_share_of_that_of_zeros() -> None:
    def bent(inputs: torch.Tensor) -> torch.Tensor:
        return torch.tanh(inputs.sum(dim=1)) + inputs[:, 0] * inputs[:, 2]

    inputs, said = torch.from_numpy(TOTALS)[None], np.array([0.3, 0.2, 0.1, 0.05, 0.4], dtype=np.float32)
    sets = random_sets(5, np.random.default_rng(1))
    falls = (bent(inputs) - bent(inputs * ~sets)).double().numpy()

    def perturbed(repeated: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return sets.float(), repeated * ~sets

    def of(attributions: torch.Tensor) -> float:
        return float(captum_infidelity(bent, perturbed, inputs, attributions, n_perturb_samples=len(sets)))

    expected = of(torch.from_numpy(said)[None]) / of(torch.zeros(1, 5))
    assert infidelity(said, sets.numpy(), falls) == pytest.approx(expected, rel=1e-4)


def test_infidelity_is_undefined_where_nothing_moves_the_probability() -> None:
    flat = prediction_of(linear(torch.zeros(5, 1, 1)), torch.ones(5, 1, 1))
    assert math.isnan(measure_faithfulness(flat, TOTALS).infidelity)
    assert math.isnan(measure_faithfulness(_additive_prediction(), TOTALS, sums=False).infidelity)


@pytest.mark.parametrize("count", [1, 2])
def test_very_short_sessions_are_measured(count: int) -> None:
    prediction = prediction_of(linear(torch.ones(count, 1, 1)), torch.ones(count, 1, 1))
    measured = measure_faithfulness(prediction, np.ones(count, dtype=np.float32))
    assert math.isnan(measured.agreement)
    assert measured.comprehensiveness == pytest.approx(1)


def test_a_first_event_is_not_blamed_for_being_the_only_one() -> None:
    prediction = prediction_of(linear(torch.ones(1, 1, 1)), torch.ones(1, 1, 1))
    measured = measure_faithfulness(prediction, np.ones(1, dtype=np.float32))
    assert math.isnan(measured.chance)
    assert judge(measured, 0.0) == Verdict("trust", "short")


def test_of_a_long_session_a_sample_is_left_out() -> None:
    totals = np.random.default_rng(0).random(600).astype(np.float32)
    prediction = prediction_of(linear(torch.ones(600, 1, 1)), torch.from_numpy(totals).reshape(600, 1, 1))
    measured = measure_faithfulness(prediction, totals)
    assert measured.left_out == LEFT_OUT_POSITIONS // 600
    assert measured.agreement > 0.99


def test_agreement_is_undefined_below_three_events() -> None:
    assert math.isnan(kendall_tau(np.array([1.0, 2.0]), np.array([1.0, 2.0])))
    assert math.isnan(kendall_tau(np.array([1.0, 1.0, 1.0]), np.array([1.0, 2.0, 3.0])))


@given(st.permutations(range(6)))
def test_kendall_tau_counts_concordant_minus_discordant_pairs(order: list[int]) -> None:
    left, right = np.arange(6.0), np.array(order, dtype=float)
    pairs = [(i, j) for i in range(6) for j in range(i + 1, 6)]
    expected = sum(1 if order[i] < order[j] else -1 for i, j in pairs) / len(pairs)
    assert kendall_tau(left, right) == pytest.approx(expected)
