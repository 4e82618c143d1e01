"""The training loop: warm-up then cosine decay, clipped gradients; reports, stops and resumes.

A plain loop on purpose: on these model sizes a step takes 20-40 ms, and the general Trainer costs several seconds
to import and some milliseconds a step, which is a tenth of the minute that pretraining may take.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from core.errors import TrainingDivergedError
from core.training.context import TrainingContext, stop_if_asked
from core.training.optimizer import Optimizer
from core.training.resume import ResumePoint

Losses = dict[str, torch.Tensor]
_REPORT_EVERY = 10


@dataclass(frozen=True)
class Phase:
    """One part of a run: its name, its number among the run's parts and its optimiser's settings."""

    name: str
    number: int
    steps: int
    learning_rate: float
    weight_decay: float = 0.01
    warmup_share: float = 0.1


def train_phase(
    phase: Phase,
    module: nn.Module,
    step: Callable[[int], Losses],
    context: TrainingContext,
    *,
    resume: ResumePoint | None = None,
    whole: nn.Module | None = None,
    finished: Callable[[int], bool] | None = None,
    optimizer: Optimizer | None = None,
) -> float:
    """Train a module's parameters by `step(number) -> named losses`; the loss is their sum.

    Args:
        resume: where to store resume points; a phase without one starts afresh.
        whole: the run's complete model, stored in resume points; `module` by default.
        finished: asked after each step with the steps done; True ends the phase early.
        optimizer: of the module's parameters; one by the phase's settings when left out.

    Returns:
        The mean loss over the last tenth of the steps; NaN when the phase was done before a resume.

    Raises:
        JobStoppedError: asked to stop; a resume point was written.
        TrainingDivergedError: the loss is no longer finite.
    """
    optimizer = optimizer or Optimizer(module, phase.learning_rate, phase.weight_decay)
    whole = module if whole is None else whole
    begin = 0 if resume is None else _restore(phase, optimizer, resume, whole)
    recent: list[float] = []
    module.train()
    for number in range(begin, phase.steps):
        if resume is not None and (context.should_stop() or resume.due()):
            resume.save(_state(phase, number, optimizer, whole))
        stop_if_asked(context)
        loss, parts = _one_step(phase, number, module, step, optimizer)
        recent = [*recent, loss][-max(1, phase.steps // 10) :]
        if number == begin or (number + 1) % _REPORT_EVERY == 0 or number + 1 == phase.steps:
            context.report(number + 1, phase.steps, phase.name, loss=loss, **parts)
        if finished is not None and finished(number + 1):
            break
    module.eval()
    return sum(recent) / len(recent) if recent else math.nan


def _one_step(
    phase: Phase,
    number: int,
    module: nn.Module,
    step: Callable[[int], Losses],
    optimizer: Optimizer,
) -> tuple[float, dict[str, float]]:
    losses = step(number)
    total = torch.stack(list(losses.values())).sum()
    value = float(total.detach())
    if not math.isfinite(value):
        raise TrainingDivergedError(
            f"The loss became '{value}' at step {number} of '{phase.name}', expected a finite number; "
            f"lower learning_rate (now {phase.learning_rate:g}) and train again."
        )
    optimizer.step(total, list(module.parameters()), schedule(number, phase.steps, phase.warmup_share))
    return value, {name: float(loss.detach()) for name, loss in losses.items()}


def _state(phase: Phase, step: int, optimizer: Optimizer, whole: nn.Module) -> dict[str, Any]:
    return {"phase": phase.number, "step": step, "model": whole.state_dict(), "optimizer": optimizer.state_dict()}


def _restore(phase: Phase, optimizer: Optimizer, resume: ResumePoint, whole: nn.Module) -> int:
    """The step to begin with: 0, where a resume point stands, or the end when it is of a later phase."""
    state = resume.load()
    if state is None or state["phase"] < phase.number:
        return 0
    if state["phase"] > phase.number:
        return phase.steps
    whole.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    torch.set_rng_state(state["random_state"])
    return int(state["step"])


def schedule(step: int, steps: int, warmup_share: float) -> float:
    """Factor of the learning rate: linear warm-up, then a cosine down to a twentieth."""
    warmup = max(1, round(steps * warmup_share))
    if step < warmup:
        return (step + 1) / warmup
    progress = (step - warmup) / max(1, steps - warmup)
    return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * progress))
