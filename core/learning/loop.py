"""The learning loop of a server: looks after each label and now and then, and acts, one thing at a time."""

import logging
import shutil
import threading
from collections.abc import Mapping
from typing import Any

import duckdb

from core.active.learning_loop import Decision, decide
from core.errors import IntentLensError, PromotionRefusedError
from core.jobs.manager import JobManager
from core.learning.situation import NOT_JUDGED, read_situation
from core.learning.trainings import ORIGIN, read_trainings
from core.registry.models import get_model, list_models
from core.store.audit_queries import AuditRow, append_audit
from core.store.prediction_queries import count_states, forget_predictions
from core.store.warehouse import Warehouse

LOOK_AGAIN_S = 5.0
"""Also without a label: a training ends, a wait is over, labels come by a file."""
SETTLE_S = 1.0
"""Labels of a fast hand are looked at together."""
LONGEST_PAUSE_S = 300.0
KEPT_PREDICTIONS = 4
"""Models whose predictions stay: as many as a committee asks. Older ones of the loop score anew where they serve."""
ACTOR = "learning loop"

_log = logging.getLogger(__name__)


class LearningLoop:
    """Trains again as labels come (core.active.learning_loop decides), lets the gate judge, and has all scored anew.

    Everything it goes by is in journal and run folders: a server that was killed goes on where it was. A look takes
    some milliseconds in a thread of its own, never in that of a label.

    Args:
        arguments, target: of the fine-tuning job; the product's own by default.
    """

    def __init__(
        self,
        warehouse: Warehouse,
        jobs: JobManager,
        *,
        arguments: Mapping[str, Any] | None = None,
        target: str | None = None,
    ) -> None:
        self._warehouse = warehouse
        self._jobs = jobs
        self._arguments = dict(arguments or {})
        self._target = target
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="learning-loop", daemon=True)

    def start(self) -> None:
        """Begin in the background."""
        self._thread.start()

    def notice(self) -> None:
        """A label was made durable, or an option changed; costs nothing here."""
        self._wake.set()

    def close(self) -> None:
        """Stop looking; a training that runs goes on by itself."""
        self._closing.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def check(self) -> Decision:
        """Look once, and do what is due.

        Raises:
            IntentLensError, OSError, duckdb.Error: it could not be done; looking again is safe.
        """
        with self._lock:
            situation = read_situation(self._warehouse, self._jobs)
            decision = decide(situation)
            if decision.action == "train":
                self._train()
            elif decision.action == "judge":
                self._judge(str(situation.unjudged))
            elif decision.action == "score":
                self._score(str(situation.unscored))
            return decision

    def _run(self) -> None:
        pause_s = SETTLE_S
        while not self._closing.is_set():
            self._wake.wait(LOOK_AGAIN_S)
            self._wake.clear()
            if self._closing.is_set():
                return
            try:
                self.check()
                pause_s = SETTLE_S
            except (IntentLensError, OSError, duckdb.Error):
                pause_s = min(2 * pause_s + LOOK_AGAIN_S, LONGEST_PAUSE_S)
                _log.exception("Learning while labeling failed; looking again in %.0f s.", pause_s)
            self._closing.wait(pause_s)

    def _train(self) -> None:
        """On at most half of the threads, so that the pages have the others."""
        self._tidy()
        threads = max(1, self._warehouse.settings.threads // 2)
        self._jobs.start("finetune", self._arguments, origin=ORIGIN, threads=threads, target=self._target)

    def _judge(self, model_id: str) -> None:
        """Let it serve if the gate lets it; else it stays a challenger, and the journal says why."""
        try:
            self._jobs.promote(model_id, actor=ACTOR)
        except PromotionRefusedError as error:
            _log.info("%s", error)
        except IntentLensError as error:
            _log.warning("The model '%s' could not be judged: %s", model_id, error)
            details = {"error": str(error)}
            append_audit(self._warehouse, AuditRow(self._warehouse.clock(), ACTOR, NOT_JUDGED, model_id, details))

    def _score(self, model_id: str) -> None:
        self._jobs.start("score", {}, base_model=get_model(self._warehouse, model_id).folder, origin=ORIGIN)

    def _tidy(self) -> None:
        """A loop makes many models: of its older runs the copies that nobody reads again go, and the predictions of
        models that serve no more. Models, labels learned from, metrics and logs stay."""
        trainings = read_trainings(self._jobs)
        for run in trainings.runs[1:]:
            if run.run_id in trainings.own and run.status == "finished":
                for name in ("events.parquet", "items.parquet"):
                    (self._jobs.snapshot(run.run_id) / name).unlink(missing_ok=True)
                shutil.rmtree(self._jobs.output(run.run_id), ignore_errors=True)
        scored = count_states(self._warehouse)
        known = [record for record in list_models(self._warehouse) if record.model_id in scored]
        old = [
            record.model_id
            for record in known[KEPT_PREDICTIONS:]
            if record.status != "champion" and record.model_id in trainings.own
        ]
        if old:
            forget_predictions(self._warehouse, old)
