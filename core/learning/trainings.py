"""The trainings there were, as their run folders tell: the loop's only memory, so that a restart forgets nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.errors import JobFailedError
from core.jobs.manager import JobManager
from core.jobs.progress import RunStatus

KINDS = ("finetune", "continue")
"""Kinds of jobs that learn from labels."""
ORIGIN = "learning"


@dataclass(frozen=True)
class Trainings:
    """Runs that learn from labels, newest first.

    own: ids of those the loop started; unsettled: any run, of any kind, that is not over or not taken in.
    """

    runs: Sequence[RunStatus]
    own: frozenset[str]
    unsettled: RunStatus | None
    scored_at: datetime | None
    """When the newest scoring was asked for."""

    def last(self) -> RunStatus | None:
        """The newest that is over and did not fail: what it was given counts as learned, also where a person stopped
        it, who did not want it then."""
        return next((run for run in self.runs if run.status in ("finished", "stopped")), None)

    def failures(self) -> Sequence[RunStatus]:
        """The loop's own that failed since, newest first."""
        last = self.last()
        since = self.runs[: self.runs.index(last)] if last is not None else self.runs
        return [run for run in since if run.status == "failed" and run.run_id in self.own]

    def newest_own(self) -> RunStatus | None:
        return next((run for run in self.runs if run.run_id in self.own), None)


def read_trainings(jobs: JobManager) -> Trainings:
    """As the run folders tell now."""
    every = jobs.runs()
    runs = [run for run in every if run.kind in KINDS]
    return Trainings(
        runs,
        frozenset(run.run_id for run in runs if _origin(jobs, run.run_id) == ORIGIN),
        next((run for run in reversed(every) if not jobs.is_settled(run)), None),
        next((run.created_at for run in every if run.kind == "score"), None),
    )


def _origin(jobs: JobManager, run_id: str) -> str:
    try:
        return jobs.spec(run_id).origin
    except JobFailedError:  # damaged, so it is nobody's
        return ""
