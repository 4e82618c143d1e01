"""The jobs of a data folder: queue, start, watch, stop, find again after a crash, and register what they made."""

import logging
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from core.errors import IntentLensError, NotFoundError
from core.intents.taxonomy import load_taxonomy
from core.jobs.process import forget_worker, is_alive, start_worker, terminate, was_started
from core.jobs.progress import RunStatus, read_metrics, read_status, write_status
from core.jobs.spec import KINDS, JobSpec
from core.registry.explanations import EXPLANATIONS_FILE, keep_explanations
from core.registry.gate.promotion import promote_through_gate
from core.registry.models import ModelRecord, champion, complete_card, latest_pretrained, register_model, rollback
from core.registry.text_models import TEXT_CARD, register_text_model
from core.settings import Settings
from core.store.prediction_queries import append_predictions
from core.store.snapshot_queries import write_snapshot
from core.store.warehouse import Warehouse

POLL_S = 0.5
NEVER_STARTED = timedelta(seconds=10)
"""A run without a worker for so long has none: the server died between writing that it runs and starting it."""
PREDICTIONS_FILE = "predictions.parquet"
WITHOUT_SNAPSHOT = ("export",)
"""Kinds of jobs that read a model only."""

_DEFAULT_BASES: dict[str, Callable[[Warehouse], ModelRecord | None]] = {
    "finetune": latest_pretrained,
    "purchase": latest_pretrained,
    "continue": champion,
    "score": champion,
    "export": champion,
    "explain": champion,
}
_log = logging.getLogger(__name__)


class JobManager:
    """Owns the run folders. One job runs at a time, the rest wait in order; a thread watches them.

    Jobs are processes of their own: they go on when this process dies, and the next manager finds them again.
    """

    def __init__(self, warehouse: Warehouse, settings: Settings) -> None:
        self._warehouse = warehouse
        self._settings = settings
        self._lock = threading.RLock()
        self._closing = threading.Event()
        settings.runs_folder.mkdir(parents=True, exist_ok=True)
        self._watcher = threading.Thread(target=self._watch, name="job-watcher", daemon=True)
        self._watcher.start()

    def start(
        self,
        kind: str,
        arguments: dict[str, Any],
        base_model: Path | None = None,
        seed: int = 0,
        *,
        target: str | None = None,
        files: Mapping[str, Path] | None = None,
        origin: str = "person",
        threads: int | None = None,
    ) -> str:
        """Freeze a snapshot and queue a job on it; returns its run_id.

        Args:
            kind: pretrain, finetune, continue, score, export, explain, text or purchase.
            arguments: the job's own, as its function reads them.
            base_model: folder of the model to start from; by default the newest pretrained one for finetune and
                purchase, and the champion for continue, score, export and explain.
            target: another function to run, as `module:function`.
            files: further files that are frozen in the snapshot, by the stem of their name there.
            origin: see JobSpec.
            threads: it may use; the settings' by default.

        Raises:
            NotFoundError: an unknown kind.
        """
        if target is None and kind not in KINDS:
            raise NotFoundError(f"There is no kind of job '{kind}', expected one of {', '.join(KINDS)}.")
        run_id = f"{kind}-{self._warehouse.clock():%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:4]}"
        folder = self._folder(run_id)
        folder.mkdir(parents=True)
        if kind not in WITHOUT_SNAPSHOT:
            load_taxonomy(self._warehouse)  # stores the default taxonomy on first use, which the snapshot then holds
            write_snapshot(self._warehouse, folder / "snapshot")
            for stem, path in (files or {}).items():
                shutil.copyfile(path, folder / "snapshot" / f"{stem}{path.suffix}")
        spec = JobSpec(
            run_id=run_id,
            kind=kind,
            target=target or KINDS[kind],
            arguments=arguments,
            snapshot=folder / "snapshot",
            output=folder / "output",
            base_model=base_model or self._default_base(kind),
            seed=seed,
            threads=threads or self._settings.threads,
            origin=origin,
        )
        spec.save(folder)
        write_status(folder, RunStatus(run_id, kind, "queued", created_at=self._warehouse.clock()))
        self._start_next()
        return run_id

    def runs(self) -> list[RunStatus]:
        """All runs, newest first."""
        folders = [path for path in self._settings.runs_folder.iterdir() if (path / "status.json").is_file()]
        statuses = [status for folder in folders if (status := read_status(folder)) is not None]
        return sorted(statuses, key=lambda status: (str(status.created_at), status.run_id), reverse=True)

    def status(self, run_id: str) -> RunStatus:
        """Where a run is, with the end of its log.

        Raises:
            NotFoundError: there is no such run.
        """
        status = read_status(self._folder(run_id))
        if status is None:
            raise NotFoundError(f"There is no run '{run_id}'; the Train page lists those there are.")
        return status

    def metrics(self, run_id: str) -> pd.DataFrame:
        """One row a report that carried metrics: step, total, phase, at, and the metrics."""
        return pd.DataFrame(read_metrics(self._folder(run_id)))

    def snapshot(self, run_id: str) -> Path:
        """The folder with what a run learned from."""
        return self._folder(run_id) / "snapshot"

    def output(self, run_id: str) -> Path:
        """The folder a run writes its results to."""
        return self._folder(run_id) / "output"

    def spec(self, run_id: str) -> JobSpec:
        """A run's orders.

        Raises:
            JobFailedError: they are missing or damaged.
        """
        return JobSpec.load(self._folder(run_id))

    def stop(self, run_id: str) -> None:
        """Ask a run to stop; a queued one never starts. What it has saved stays for `resume`."""
        folder, status = self._folder(run_id), self.status(run_id)
        with self._lock:
            if status.status == "queued":
                write_status(folder, replace(status, status="stopped", finished_at=self._warehouse.clock()))
            elif not status.is_over:
                (folder / "cancel").touch()
                terminate(folder)

    def resume(self, run_id: str) -> None:
        """Queue a stopped or failed run again; it goes on from what it saved last."""
        folder, status = self._folder(run_id), self.status(run_id)
        with self._lock:
            if status.status in {"stopped", "failed"}:
                (folder / "cancel").unlink(missing_ok=True)
                write_status(folder, replace(status, status="queued", error=None, finished_at=None))
        self._start_next()

    def promote(self, model_id: str, *, force: bool = False, actor: str = "unknown") -> ModelRecord:
        """Let a model serve that is not worse than the champion, and score all events by it.

        Args:
            force: let it serve even if it is worse; who did so, and against which figures, is journaled.
            actor: who asks.

        Raises:
            PromotionRefusedError: it is worse on an intent beyond chance.
            NotFoundError, NoModelError: see core.registry.models.promote.
        """
        return self._score_by(promote_through_gate(self._warehouse, model_id, force=force, actor=actor))

    def roll_back(self) -> ModelRecord:
        """Let the model serve that served before, and score all events by it.

        Raises:
            NoModelError: there is none.
        """
        return self._score_by(rollback(self._warehouse))

    def is_settled(self, status: RunStatus) -> bool:
        """Whether a run is over and what it made is registered."""
        return status.is_over and (status.status != "finished" or self._is_taken_in(status.run_id))

    def wait(self, run_id: str, timeout_s: float | None = None, poll_s: float = 0.1) -> RunStatus:
        """Wait until a run is over and what it made is registered; or until the time is up."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while True:
            status = self.status(run_id)
            if self.is_settled(status) or (deadline is not None and time.monotonic() > deadline):
                return self.status(run_id)
            time.sleep(poll_s)

    def close(self) -> None:
        """Stop watching; running jobs go on by themselves."""
        self._closing.set()
        self._watcher.join()

    def _folder(self, run_id: str) -> Path:
        return self._settings.runs_folder / Path(run_id).name

    def _default_base(self, kind: str) -> Path | None:
        find = _DEFAULT_BASES.get(kind)
        record = find(self._warehouse) if find else None
        return record.folder if record else None

    def _watch(self) -> None:
        while not self._closing.is_set():
            try:
                self._look_after_runs()
            except (IntentLensError, OSError):
                _log.exception("Looking after the jobs failed; trying again.")
            self._closing.wait(POLL_S)

    def _look_after_runs(self) -> None:
        with self._lock:
            for status in self.runs():
                if status.status == "running" and not is_alive(self._folder(status.run_id)):
                    self._look_after_absent(status)
        for status in self.runs():
            if status.status == "finished" and not self._is_taken_in(status.run_id):
                self._take_in(status)
        self._start_next()

    def _start_next(self) -> None:
        with self._lock:
            runs = self.runs()
            if any(status.status == "running" for status in runs):
                return
            waiting = [status for status in runs if status.status == "queued"]
            if waiting:
                status = min(waiting, key=lambda status: (str(status.created_at), status.run_id))
                folder = self._folder(status.run_id)
                forget_worker(folder)
                write_status(folder, replace(status, status="running", started_at=self._warehouse.clock()))
                start_worker(folder, self._settings.threads)  # from here on only the worker writes the status

    def _look_after_absent(self, status: RunStatus) -> None:
        """A run without its process: dead, or never started and therefore queued again."""
        folder = self._folder(status.run_id)
        if was_started(folder):
            self._note_death(status.run_id)
        elif status.started_at is None or self._warehouse.clock() - status.started_at > NEVER_STARTED:
            write_status(folder, replace(status, status="queued", started_at=None))

    def _note_death(self, run_id: str) -> None:
        """Record that a running job's process is gone; it may have written its end just before.

        One that was asked to stop before it could listen is stopped, not failed.
        """
        status = self.status(run_id)
        if status.status == "running" and (self._folder(run_id) / "cancel").exists():
            write_status(self._folder(run_id), replace(status, status="stopped", finished_at=self._warehouse.clock()))
        elif status.status == "running":
            last_words = status.log_tail.strip().splitlines()[-1:] or ["It left no log"]
            error = f"The job's process ended without a word (killed, or out of memory?). {last_words[0]}"
            ended = replace(status, status="failed", error=error, finished_at=self._warehouse.clock())
            write_status(self._folder(run_id), ended)

    def _score_by(self, record: ModelRecord) -> ModelRecord:
        self.start("score", {}, base_model=record.folder)
        return record

    def _is_taken_in(self, run_id: str) -> bool:
        return (self._folder(run_id) / "taken_in").exists()

    def _take_in(self, status: RunStatus) -> None:
        """Register the model a run made, or load its predictions; once."""
        output = self.output(status.run_id)
        try:
            if (output / "card.json").is_file():
                complete_card(output, status.started_at, status.finished_at)
                record = register_model(self._warehouse, self._settings, output)
                if record.status == "champion":
                    self._score_by(record)
            elif (output / TEXT_CARD).is_file():
                register_text_model(self._settings, output)
            elif (output / EXPLANATIONS_FILE).is_file():
                keep_explanations(self._settings, output, str(status.result["model_id"]))
            elif (output / PREDICTIONS_FILE).is_file():
                append_predictions(self._warehouse, output / PREDICTIONS_FILE, str(status.result["model_id"]))
        except (IntentLensError, OSError) as error:
            write_status(self._folder(status.run_id), replace(status, status="failed", error=str(error)))
            return
        (self._folder(status.run_id) / "taken_in").touch()
