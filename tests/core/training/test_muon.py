"""Muon against torch's own, which differs by bfloat16's rounding only, and the orthogonal matrix it steps along."""

import pytest
import torch
from torch import nn

from core.training.muon import Muon, orthogonal


@pytest.mark.parametrize("shape", [(6, 4), (4, 6), (5, 5)])
def test_steps_are_those_of_torch_s_muon(shape: tuple[int, int]) -> None:
    torch.manual_seed(0)
    ours = nn.Parameter(torch.randn(shape))
    theirs = nn.Parameter(ours.detach().clone())
    own = Muon([ours], lr=0.1, weight_decay=0.05)
    other = torch.optim.Muon([theirs], lr=0.1, weight_decay=0.05, adjust_lr_fn="match_rms_adamw")
    for _ in range(5):
        gradient = torch.randn(shape)
        ours.grad, theirs.grad = gradient.clone(), gradient.clone()
        own.step()
        other.step()
    torch.testing.assert_close(ours, theirs, atol=2e-2, rtol=0)


def test_matrices_of_one_shape_do_not_mix() -> None:
    torch.manual_seed(1)
    matrices = torch.randn(3, 5, 7)
    for alone, together in zip(matrices, orthogonal(matrices), strict=True):
        torch.testing.assert_close(orthogonal(alone[None])[0], together)


def test_singular_values_become_nearly_equal() -> None:
    torch.manual_seed(2)
    values = torch.linalg.svdvals(orthogonal(torch.randn(4, 16, 8)))
    assert float(values.min()) > 0.5
    assert float(values.max()) < 1.3


def test_a_matrix_without_a_gradient_stays() -> None:
    matrix = nn.Parameter(torch.ones(2, 2))
    Muon([matrix], lr=0.1, weight_decay=0.5).step()
    assert torch.equal(matrix, torch.ones(2, 2))
