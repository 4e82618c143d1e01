"""The loop by theory: schedule, weight decay groups, divergence, early end."""

import math
from pathlib import Path

import pytest
import torch
from torch import nn

from core.errors import TrainingDivergedError
from core.training.loop import Phase, schedule, train_phase
from core.training.resume import RESUME_FILE, ResumePoint
from tests.core.training.support import Context, Spec

PHASE = Phase("fit", 0, steps=200, learning_rate=0.1, weight_decay=0.0)


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return Context(Spec(tmp_path, tmp_path))


def test_a_line_is_fitted(context: Context) -> None:
    torch.manual_seed(0)
    line = nn.Linear(1, 1)
    x = torch.linspace(-1, 1, 20)[:, None]
    loss = train_phase(PHASE, line, lambda _: {"square": (line(x) - 2 * x - 1).square().mean()}, context)
    assert loss < 1e-3
    assert float(line.weight.detach()) == pytest.approx(2.0, abs=0.05)
    assert float(line.bias.detach()) == pytest.approx(1.0, abs=0.05)


def test_a_loss_that_is_no_number_is_refused_with_advice(context: Context) -> None:
    line = nn.Linear(1, 1)
    with pytest.raises(TrainingDivergedError, match=r"step 0 of 'fit'.*lower learning_rate \(now 0.1\)"):
        train_phase(PHASE, line, lambda _: {"broken": line.weight.sum() * math.nan}, context)


def test_a_phase_may_end_early(context: Context) -> None:
    line = nn.Linear(1, 1)
    seen: list[int] = []

    def step(number: int) -> dict[str, torch.Tensor]:
        seen.append(number)
        return {"size": line.weight.square().sum()}

    train_phase(PHASE, line, step, context, finished=lambda done: done == 7)
    assert seen == list(range(7))


def test_the_rate_warms_up_and_decays() -> None:
    rates = [schedule(step, 100, 0.1) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == pytest.approx(1.0)
    assert rates[-1] < 0.06
    assert rates[9:] == sorted(rates[9:], reverse=True)


def test_a_damaged_resume_point_starts_afresh(tmp_path: Path) -> None:
    (tmp_path / RESUME_FILE).write_bytes(b"half a file")
    assert ResumePoint(tmp_path).load() is None


def test_a_resume_point_is_due_after_its_interval(tmp_path: Path) -> None:
    assert ResumePoint(tmp_path, interval_seconds=0.0).due()
    assert not ResumePoint(tmp_path, interval_seconds=3600.0).due()
