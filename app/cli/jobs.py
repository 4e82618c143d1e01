"""A job that a command starts, shows and waits for; the job's own process is stopped when the command is."""

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.cli.progress import Progress
from app.cli.stopping import stop_wish
from core.errors import JobFailedError, JobStoppedError
from core.jobs.manager import JobManager
from core.jobs.progress import RunStatus
from core.store.warehouse import Warehouse

ACTOR = "command line"
"""Who acts, in the journal."""

_POLL_S = 0.3


@dataclass(frozen=True)
class Order:
    """What to run; the fields are JobManager.start's. `promote`: let the model it makes serve."""

    kind: str
    arguments: dict[str, Any]
    seed: int = 0
    base_model: Path | None = None
    promote: bool = False
    files: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True)
class Done:
    """A finished run and the folder of what it wrote."""

    run: RunStatus
    output: Path


def run_job(warehouse: Warehouse, order: Order, *, as_json: bool) -> Done:
    """Run a job to its end, and the scoring that follows when its model begins to serve.

    Raises:
        JobFailedError: with the job's own words.
        JobStoppedError: Ctrl+C or SIGTERM stopped it.
        PromotionRefusedError: the model is made and waits, but is worse than the one that serves.
    """
    with closing(JobManager(warehouse, warehouse.settings)) as jobs, stop_wish() as asked:
        run_id = jobs.start(
            order.kind, order.arguments, base_model=order.base_model, seed=order.seed, files=order.files
        )
        run = _follow(jobs, run_id, asked, as_json=as_json)
        if order.promote:
            jobs.promote(run_id, actor=ACTOR)
        _follow_queued(jobs, asked, as_json=as_json)
        return Done(run, jobs.output(run_id))


def finish_queued(jobs: JobManager, *, as_json: bool) -> None:
    """Run what is queued to its end.

    Raises:
        JobFailedError, JobStoppedError: as `run_job`.
    """
    with stop_wish() as asked:
        _follow_queued(jobs, asked, as_json=as_json)


def _follow_queued(jobs: JobManager, asked: Callable[[], bool], *, as_json: bool) -> None:
    for run in jobs.runs():
        if not run.is_over:
            _follow(jobs, run.run_id, asked, as_json=as_json)


def _follow(jobs: JobManager, run_id: str, asked: Callable[[], bool], *, as_json: bool) -> RunStatus:
    """Show a run until it is over and what it made is registered."""
    run = jobs.status(run_id)
    with Progress(run.kind, as_json=as_json) as bar:
        while not run.is_over:
            bar.show(run.phase or run.status, run.step, run.total or None)
            if asked():
                jobs.stop(run_id)
            run = jobs.wait(run_id, timeout_s=_POLL_S)
    run = jobs.wait(run_id)
    if run.status == "finished":
        return run
    if run.status == "stopped" or asked():
        raise JobStoppedError(f"The {run.kind} run '{run_id}' was stopped. The Train page can resume it.")
    raise JobFailedError(f"The {run.kind} run '{run_id}' failed: {run.error}")
