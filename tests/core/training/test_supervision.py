"""Which epoch is kept: the best, and with sessions told, a later one unless it is worse by more than chance."""

import numpy as np
import torch
from torch import nn

from core.training.supervision import _EarlyStopping

SESSIONS = np.arange(50)


def _kept(losses: np.ndarray, sessions: np.ndarray | None) -> int:
    model = nn.Linear(1, 1, bias=False)
    watch = _EarlyStopping(model, 4, sessions)
    for epoch, found in enumerate((np.ones(len(losses)), losses)):
        nn.init.constant_(model.weight, epoch)
        watch.worse(epoch, found)
    kept = watch.back_to_best()
    assert torch.equal(model.weight, torch.full((1, 1), float(kept)))
    return kept


def test_a_worse_epoch_is_left_and_a_better_one_kept() -> None:
    noise = np.random.default_rng(0).normal(0, 0.5, 50)
    noise -= noise.mean()
    slightly_worse, much_worse = 1.02 + noise, 1.5 + noise
    assert _kept(slightly_worse, None) == 0
    assert _kept(slightly_worse, SESSIONS) == 1, "two hundredths are chance beside that much noise"
    assert _kept(much_worse, SESSIONS) == 0
    assert _kept(np.full(50, 0.9), None) == 1


def test_fewer_than_twenty_sessions_prove_nothing() -> None:
    few = np.arange(19)
    assert _kept(np.full(19, 1.5), None) == 0
    assert _kept(np.full(19, 1.5), few) == 1
    assert _kept(np.full(20, 1.5), np.arange(20)) == 0
