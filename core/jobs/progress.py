"""What a job says of itself: an atomically replaced status, appended metrics, a log; and the wish that it stop."""

import json
import os
import time
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from core.clock import Clock, utc_now
from core.jobs.spec import JobSpec

State = Literal["queued", "running", "finished", "failed", "stopped"]
OVER: tuple[State, ...] = ("finished", "failed", "stopped")
LOG_TAIL_BYTES = 8000
WRITE_INTERVAL_S = 0.2
"""The status file is replaced at most this often; metrics are never left out."""


@dataclass(frozen=True)
class RunStatus:
    """Where a run is; times are naive UTC, eta_s is None while unknown."""

    run_id: str
    kind: str
    status: State
    phase: str = ""
    step: int = 0
    total: int = 0
    eta_s: float | None = None
    metrics: dict[str, float] = field(default_factory=dict)
    created_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    error: str | None = None
    result: dict[str, Any] = field(default_factory=dict)
    model_id: str | None = None
    log_tail: str = ""

    @property
    def is_over(self) -> bool:
        return self.status in OVER

    @property
    def progress(self) -> float:
        """Share of the present phase that is done, 0 to 1."""
        return min(1.0, self.step / self.total) if self.total else 0.0


def write_status(folder: Path, status: RunStatus) -> None:
    """Replace status.json in one step, so that a reader never sees half of it."""
    values = {key: value.isoformat() if isinstance(value, datetime) else value for key, value in asdict(status).items()}
    values.pop("log_tail")
    temporary = folder / f"status.json.{os.getpid()}"
    temporary.write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")
    temporary.replace(folder / "status.json")


def read_status(folder: Path) -> RunStatus | None:
    """The status of a run folder with the end of its log; None where there is none."""
    try:
        values = json.loads((folder / "status.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    for name in ("created_at", "started_at", "finished_at"):
        values[name] = datetime.fromisoformat(values[name]) if values[name] else None
    return RunStatus(**values, log_tail=_log_tail(folder))


def read_metrics(folder: Path) -> list[dict[str, Any]]:
    """The reports of a run that carried metrics; a line that is just being written is left for the next time."""
    path = folder / "metrics.jsonl"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]


def _log_tail(folder: Path) -> str:
    try:
        with (folder / "log.txt").open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - LOG_TAIL_BYTES))
            return file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""


class JobContext:
    """The running job, as its function sees it; satisfies core.training.context.TrainingContext."""

    def __init__(self, folder: Path, spec: JobSpec, clock: Clock = utc_now) -> None:
        self.spec = spec
        self.asked_to_stop = False
        self._folder = folder
        self._clock = clock
        self._status = read_status(folder) or RunStatus(spec.run_id, spec.kind, "queued", created_at=clock())
        self._phase_started = time.monotonic()
        self._written = 0.0

    def begin(self) -> None:
        """Say that the job runs, in this process."""
        self._set(status="running", started_at=self._clock(), finished_at=None, error=None)

    def report(self, step: int, total: int, phase: str, **metrics: float) -> None:
        """Say how far a phase is; metrics are appended to metrics.jsonl with it."""
        now = time.monotonic()
        if phase != self._status.phase:
            self._phase_started = now
        elapsed = now - self._phase_started
        self._status = replace(
            self._status,
            phase=phase,
            step=step,
            total=total,
            eta_s=elapsed / step * (total - step) if step else None,
            metrics=self._status.metrics | metrics,
        )
        if metrics:
            line = {"step": step, "total": total, "phase": phase, "at": self._clock().isoformat(), **metrics}
            with (self._folder / "metrics.jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
        if now - self._written >= WRITE_INTERVAL_S or step >= total:
            self._written = now
            write_status(self._folder, self._status)

    def should_stop(self) -> bool:
        """Whether someone asked the job to stop, by the `cancel` file or a signal."""
        return self.asked_to_stop or (self._folder / "cancel").exists()

    def log(self, message: str) -> None:
        """A line in log.txt, with its time."""
        with (self._folder / "log.txt").open("a", encoding="utf-8") as file:
            file.write(f"{self._clock():%H:%M:%S} {message}\n")

    def end(self, status: State, *, error: str | None = None, result: dict[str, Any] | None = None) -> None:
        """Say how the job ended."""
        self._set(status=status, error=error, result=result or {}, finished_at=self._clock(), eta_s=None)

    def _set(self, **changes: Any) -> None:
        self._status = replace(self._status, **changes)
        write_status(self._folder, self._status)
