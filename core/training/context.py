"""What a training run sees of its job: its spec, a way to report, and the wish to stop."""

from pathlib import Path
from typing import Any, Protocol

from core.errors import JobStoppedError


class TrainingSpec(Protocol):
    """The frozen orders of a run."""

    @property
    def run_id(self) -> str: ...
    @property
    def arguments(self) -> dict[str, Any]: ...
    @property
    def snapshot(self) -> Path: ...
    @property
    def output(self) -> Path: ...
    @property
    def base_model(self) -> Path | None: ...
    @property
    def seed(self) -> int: ...
    @property
    def threads(self) -> int: ...


class TrainingContext(Protocol):
    """The running job, as training code needs it; core/jobs provides the real one."""

    @property
    def spec(self) -> TrainingSpec: ...
    def report(self, step: int, total: int, phase: str, **metrics: float) -> None: ...
    def should_stop(self) -> bool: ...
    def log(self, message: str) -> None: ...


def stop_if_asked(context: TrainingContext) -> None:
    """Unwind the run when its job was asked to stop.

    Raises:
        JobStoppedError: the job should stop.
    """
    if context.should_stop():
        raise JobStoppedError(f"Run '{context.spec.run_id}' was stopped; start it again to resume.")
