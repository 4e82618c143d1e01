"""All that the Label page says of learning while labeling, read at once."""

from dataclasses import dataclass

import pandas as pd

from core.active.learning_loop import Decision, Situation, decide
from core.jobs.manager import JobManager
from core.jobs.progress import RunStatus
from core.learning.curve import learning_curve
from core.learning.situation import NOT_JUDGED, read_situation
from core.learning.stopping_signal import WatchedSignal, watched_signal
from core.learning.trainings import read_trainings
from core.registry.gate.decision import GateDecision
from core.registry.gate.promotion import last_judgement
from core.registry.models import ModelRecord, list_models
from core.store.audit_queries import list_audit
from core.store.warehouse import Warehouse


@dataclass(frozen=True)
class LearningReport:
    """The situation and what it leads to.

    run: the unsettled run, of any kind; own_run: it is one of the loop's; failure: why the last training failed.
    newest: the loop's newest model, judgement: what the gate said of it, not_judged: why it could not say anything.
    curve: CURVE_COLUMNS.
    """

    situation: Situation
    decision: Decision
    run: RunStatus | None
    own_run: bool
    failure: str | None
    newest: ModelRecord | None
    judgement: GateDecision | None
    not_judged: str | None
    curve: pd.DataFrame
    watched: WatchedSignal
    lacks_pretrained: bool


def learning_report(warehouse: Warehouse, jobs: JobManager) -> LearningReport:
    """As of now."""
    situation, trainings = read_situation(warehouse, jobs), read_trainings(jobs)
    records = list_models(warehouse)
    finetuned = [record for record in records if record.kind == "finetuned"]
    newest = next((record for record in finetuned if record.model_id in trainings.own), None)
    failures = trainings.failures()
    return LearningReport(
        situation=situation,
        decision=decide(situation),
        run=trainings.unsettled,
        own_run=trainings.unsettled is not None and trainings.unsettled.run_id in trainings.own,
        failure=failures[0].error if failures else None,
        newest=newest,
        judgement=last_judgement(warehouse, newest.model_id) if newest else None,
        not_judged=_not_judged(warehouse, newest.model_id) if newest else None,
        curve=learning_curve(finetuned),
        watched=watched_signal(warehouse, finetuned),
        lacks_pretrained=not any(record.kind == "pretrained" for record in records),
    )


def _not_judged(warehouse: Warehouse, model_id: str) -> str | None:
    rows = list_audit(warehouse, model_id)
    return str(rows[0].details.get("error")) if rows and rows[0].action == NOT_JUDGED else None
