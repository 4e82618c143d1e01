"""Which labels are probably wrong: the labels, and what registered models said of them without having seen them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.errors import UnreadableFileError
from core.intents.resolution import pooled
from core.intents.taxonomy import merged_intents
from core.intents.votes import read_decided
from core.registry.models import ModelRecord, champion, list_models
from core.store.frames import read_frame
from core.store.warehouse import Warehouse

if TYPE_CHECKING:
    from core.evaluation.suspects import Answers, LabelErrors

_ENDS = """
    SELECT s.session_id, s.visitor_id, max_by(e.event_id, (e.occurred_at, e.event_id)) AS last_event
    FROM sessions AS s JOIN events AS e USING (session_id)
    WHERE s.session_id IN (SELECT session_id FROM annotations) GROUP BY ALL
"""

_LATER = """
    SELECT event_id, probabilities FROM predictions WHERE model_id = $model AND visitor_id NOT IN (
        SELECT s.visitor_id FROM annotations AS a JOIN sessions AS s USING (session_id)
        WHERE least(a.created_at, a.received_at) <= $made)
    AND session_id IN (SELECT session_id FROM annotations)
"""
"""Predictions for visitors of whom nobody had said anything when the model was made; who had been labelled then may
have been learned, whatever became of the label."""


def find_label_errors(warehouse: Warehouse) -> "LabelErrors":
    """Judge the current labels (gold where there is any) by confident learning.

    A label is judged by what a model's measured copy said of held-out visitors, the serving model first, then the
    newest; else by the serving model's stored prediction, if its visitor had no label when the model was made. The
    suspects carry target_kind, session_id, visitor_id, event_id (where the label stands: the event, or the session's
    last), annotator, intent, created_at, status.
    """
    from core.evaluation.suspects import find_suspects  # loads scikit-learn, only where labels are judged

    labels = read_decided(warehouse).merge(read_frame(warehouse, _ENDS), on="session_id")
    labels["event_id"] = labels["event_id"].fillna(labels["last_event"])
    return find_suspects(labels.drop(columns=["last_event", "target"]), _answers(warehouse))


def _answers(warehouse: Warehouse) -> "list[Answers]":
    serving = champion(warehouse)
    models = [model for model in list_models(warehouse) if model.kind == "finetuned"]
    models.sort(key=lambda model: model.status != "champion")  # stable: the newest first among the others
    held_out = [answers for model in models if (answers := _held_out(model)) is not None]
    merged = merged_intents(warehouse)
    return [_counted(one, merged) for one in held_out + ([] if serving is None else _later(warehouse, serving))]


def _counted(answers: "Answers", merged: Mapping[str, str]) -> "Answers":
    """The answers over the intents as they count now."""
    intents, probabilities = pooled(answers.probabilities, answers.intents, merged)
    return replace(answers, intents=intents, probabilities=probabilities)


def _held_out(model: ModelRecord) -> "Answers | None":
    from core.evaluation.records import read_records
    from core.evaluation.suspects import Answers
    from core.training.held_out import MODEL

    try:
        records = read_records(model.folder)
    except UnreadableFileError:
        return None
    if records is None or not len(records):
        return None
    event_ids = records.frame["event_id"].to_numpy(dtype=object)
    return Answers(model.model_id, records.intents, event_ids, records.answers[MODEL].astype(np.float64))


def _later(warehouse: Warehouse, model: ModelRecord) -> "list[Answers]":
    from core.evaluation.suspects import Answers

    frame: pd.DataFrame = read_frame(warehouse, _LATER, {"model": model.model_id, "made": model.created_at})
    if frame.empty:
        return []
    probabilities = np.array(frame["probabilities"].tolist(), dtype=np.float64)
    return [Answers(model.model_id, model.intents, frame["event_id"].to_numpy(dtype=object), probabilities)]
