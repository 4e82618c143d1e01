"""The first start, in the background: the sample shop, its model and its first scores, visible while it goes on."""

import logging
import threading
import time
from dataclasses import dataclass
from typing import Literal

from core.errors import IntentLensError
from core.events.synthetic import sample_folder
from core.intents.sample_shop import load_sample_shop
from core.jobs.manager import JobManager
from core.registry.models import ModelRecord, champion, list_models, register_models_of
from core.store.import_pipeline import recover_imports
from core.store.overview_queries import totals
from core.store.warehouse import Warehouse

logger = logging.getLogger(__name__)

Phase = Literal["opening", "sample", "model", "scoring", "ready", "failed"]
_BEGINS: dict[Phase, float] = {"opening": 0.0, "sample": 0.1, "model": 0.4, "scoring": 0.5, "ready": 1.0, "failed": 1.0}
_POLL_S = 0.5


@dataclass(frozen=True)
class StartupState:
    """Where the first start is: a phase, the share of all that is done (0 to 1), and what went wrong if it failed."""

    phase: Phase = "opening"
    progress: float = 0.0
    error: str | None = None

    @property
    def can_answer(self) -> bool:
        """Events and model are there; scoring goes on in a process of its own and keeps nobody waiting."""
        return self.phase in {"scoring", "ready", "failed"}


class Startup:
    """Runs once per server; loads the sample shop only into a data folder without events, if settings.sample_shop."""

    def __init__(self, warehouse: Warehouse, jobs: JobManager) -> None:
        self.state = StartupState()
        self._warehouse = warehouse
        self._jobs = jobs
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="startup", daemon=True)

    def start(self) -> None:
        """Begin in the background."""
        self._thread.start()

    def wait(self, timeout_s: float | None = None) -> None:
        """Wait until it is over."""
        self._thread.join(timeout_s)

    def close(self) -> None:
        """Stop following the scoring, which goes on, and wait for what is being written."""
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        started = time.monotonic()
        outcome = StartupState("failed", 1.0, "The sample shop could not be prepared; the server's log says why.")
        try:
            recover_imports(self._warehouse)
            if self._warehouse.settings.sample_shop:
                self._prepare_sample_shop()
            outcome = StartupState("ready", 1.0)
            logger.info("Everything was ready after %.1f s", time.monotonic() - started)
        except (IntentLensError, OSError) as error:
            logger.exception("Preparing the sample shop failed")
            outcome = StartupState("failed", 1.0, str(error))
        finally:
            self.state = outcome

    def _prepare_sample_shop(self) -> None:
        self._enter("sample")
        if totals(self._warehouse).events or not load_sample_shop(self._warehouse):
            return
        folder = sample_folder() / "model"
        if folder.is_dir() and not list_models(self._warehouse) and not self._closing.is_set():
            self._enter("model")
            register_models_of(self._warehouse, self._warehouse.settings, folder)
            serving = champion(self._warehouse)
            if serving is not None:
                self._score(serving)

    def _score(self, model: ModelRecord) -> None:
        self._enter("scoring")
        run_id = self._jobs.start("score", {}, base_model=model.folder)
        while not self._closing.wait(_POLL_S):
            run = self._jobs.status(run_id)
            if run.status not in {"queued", "running"}:
                return
            share = min(run.step / run.total, 1.0) if run.total else 0.0
            self._enter("scoring", share)

    def _enter(self, phase: Phase, share: float = 0.0) -> None:
        begin = _BEGINS[phase]
        self.state = StartupState(phase, begin + (1.0 - begin) * share)
