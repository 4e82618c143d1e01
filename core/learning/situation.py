"""The situation that the learning loop decides on, read from journal, runs and models: nothing is remembered beside."""

from core.active.learning_loop import Situation
from core.jobs.manager import JobManager
from core.learning.options import load_learning_options
from core.learning.trainings import Trainings, read_trainings
from core.registry.gate.promotion import FORCED, PROMOTED, REFUSED
from core.registry.models import ModelRecord, champion, list_models
from core.store.audit_queries import list_audit
from core.store.learning_queries import labelled_sessions, sessions_labelled_since, sessions_not_in_snapshot
from core.store.prediction_queries import has_states
from core.store.warehouse import Warehouse

NOT_JUDGED = "promote_failed"
"""In the audit journal: the gate could not judge a model of the loop."""


def read_situation(warehouse: Warehouse, jobs: JobManager) -> Situation:
    """As of now."""
    trainings = read_trainings(jobs)
    labels, sessions = labelled_sessions(warehouse)
    failures = trainings.failures()
    return Situation(
        options=load_learning_options(warehouse),
        now=warehouse.clock(),
        labels=labels,
        sessions=sessions,
        new=_new_sessions(warehouse, jobs, trainings),
        busy=trainings.unsettled.run_id if trainings.unsettled else None,
        failures=len(failures),
        last_failed_at=(failures[0].finished_at or failures[0].created_at) if failures else None,
        unjudged=_unjudged(warehouse, trainings),
        unscored=_unscored(warehouse, trainings),
    )


def _new_sessions(warehouse: Warehouse, jobs: JobManager, trainings: Trainings) -> int | None:
    """Of the labels a training took part in, those in its snapshot are known; of a model that came from elsewhere
    (the sample shop's), all that were there when it began to serve."""
    last = trainings.last()
    if last is None:
        serving = champion(warehouse)
        if serving is None or serving.promoted_at is None:
            return None
        return sessions_labelled_since(warehouse, serving.promoted_at)
    frozen = jobs.snapshot(last.run_id) / "annotations.parquet"
    if frozen.is_file():
        return sessions_not_in_snapshot(warehouse, frozen)
    return sessions_labelled_since(warehouse, last.created_at) if last.created_at else None


def _unjudged(warehouse: Warehouse, trainings: Trainings) -> str | None:
    """The loop's newest model, if it waits for the gate: one that was let through and never served waits again, since
    the server died in between."""
    newest = trainings.newest_own()
    if newest is None or newest.status != "finished":
        return None
    record = _registered(warehouse, newest.run_id)
    if record is None or record.status == "champion" or record.promoted_at is not None:
        return None
    acts = [row.action for row in list_audit(warehouse, record.model_id)]
    judged = next((act for act in acts if act in (PROMOTED, REFUSED, FORCED, NOT_JUDGED)), None)
    return None if judged in (REFUSED, NOT_JUDGED) else record.model_id


def _unscored(warehouse: Warehouse, trainings: Trainings) -> str | None:
    """The champion, where the loop made it and the server died before it was asked to score."""
    serving = champion(warehouse)
    if serving is None or serving.model_id not in trainings.own or has_states(warehouse, serving.model_id):
        return None
    asked = trainings.scored_at
    promoted_at = serving.promoted_at
    return None if asked and promoted_at and asked >= promoted_at else serving.model_id


def _registered(warehouse: Warehouse, model_id: str) -> ModelRecord | None:
    return next((record for record in list_models(warehouse) if record.model_id == model_id), None)
