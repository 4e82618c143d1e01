"""Shapley values against the sum over all coalitions."""

from itertools import combinations
from math import comb

import numpy as np
import pytest
import torch

from core.explain.methods.shapley_sampling import ShapleyValueSampling
from tests.core.explain.toys import prediction_of


def _twins(inputs: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Events 0 and 1 say the same, so that either suffices; event 2 counts only with event 3; the rest add little."""
    present = inputs[:, :, 0, 0]
    either = torch.maximum(present[:, 0], present[:, 1])
    return 0.4 * either + 0.4 * present[:, 2] * present[:, 3] + 0.01 * present[:, 4:].sum(dim=1)


def _shapley(values: dict[frozenset[int], float], players: int) -> list[float]:
    """By definition (Shapley 1953)."""
    result = []
    for player in range(players):
        others = [one for one in range(players) if one != player]
        total = 0.0
        for size in range(players):
            for coalition in map(frozenset, combinations(others, size)):
                total += (values[coalition | {player}] - values[coalition]) / players / comb(players - 1, size)
        result.append(total)
    return result


def _coalitions(players: int) -> dict[frozenset[int], float]:
    found = {}
    for size in range(players + 1):
        for coalition in combinations(range(players), size):
            present = torch.zeros(1, players, 1, 1)
            present[0, list(coalition)] = 1
            found[frozenset(coalition)] = float(_twins(present, None))  # type: ignore[arg-type]
    return found


def test_four_events_are_exact() -> None:
    found = ShapleyValueSampling().attribute(prediction_of(_twins, torch.ones(4, 1, 1)))
    np.testing.assert_allclose(found.values[:, 0], _shapley(_coalitions(4), 4), atol=1e-6)
    assert found.sampling_error == 0
    np.testing.assert_allclose(found.values[:2, 0], 0.2, atol=1e-6)  # what both say is shared, where occlusion sees 0


def test_more_events_are_sampled_within_the_error_said() -> None:
    found = ShapleyValueSampling(seed=3).attribute(prediction_of(_twins, torch.ones(7, 1, 1)))
    exact = np.array(_shapley(_coalitions(7), 7))
    error = np.sqrt(np.mean((found.values[:, 0] - exact) ** 2)) / np.sqrt(np.mean(exact**2))
    assert 0 < found.sampling_error < 0.3
    assert error < 3 * found.sampling_error
    assert found.values.sum() == pytest.approx(0.83, abs=1e-5)


def test_long_sessions_take_early_events_together() -> None:
    found = ShapleyValueSampling().attribute(prediction_of(_twins, torch.ones(400, 1, 1)))
    assert found.block > 1
    assert found.values.shape == (400, 1)
    assert found.values.sum() == pytest.approx(0.8 + 0.01 * 396, rel=1e-4)
