"""What a fine-tuning run keeps of its measurement: every answer to the held-out sessions, as evaluation.parquet.

The delivered model is refitted on all labels, so asking it about them again would flatter it. The file holds what the
measured model, which never saw these visitors' labels, said at each event of their sessions, and what the baselines
that learned from the same rows said.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.training.evaluation import baseline_probabilities, evaluate_beside
from core.training.labels import Labels, annotator_shares
from core.training.snapshot import TrainingSnapshot

EVALUATION_FILE = "evaluation.parquet"
MODEL = "model"
INTENTS_KEY = b"intents"
Answer = Callable[[Labels], np.ndarray]
"""Calibrated probabilities [R, K] of the measured model at the rows of some labels."""


class HeldOut:
    """The sessions with held-out labels, and what model and baselines say at each of their events.

    events: [N] rows of the snapshot's events with `place` (events seen) and `session_events`, in order.
    answers: name -> [N, K] float32; `model` is the measured model.
    """

    def __init__(self, snapshot: TrainingSnapshot, training: Labels, validation: Labels, answer: Answer) -> None:
        self.labels = validation.take(validation.measuring)
        rows = _rows_of_sessions(snapshot.events, self.labels.rows, training.rows)
        asked = _unlabelled(validation, rows)
        given = {MODEL: answer(asked)} | baseline_probabilities(snapshot, training, rows)
        self.answers = {name: values.astype(np.float32) for name, values in given.items()}
        self.events = _places(snapshot.events).iloc[rows]
        self._annotations = snapshot.annotations
        self._labelled = np.searchsorted(rows, self.labels.rows)  # rows are sorted and hold all labelled ones

    def evaluate(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Metrics at the held-out labels: the model's, and each baseline's."""
        visitors = self.events["visitor_id"].to_numpy(dtype=object)[self._labelled].astype(str)
        at_labels = {name: values[self._labelled] for name, values in self.answers.items()}
        measured = evaluate_beside(self.labels.answers(), at_labels, visitors)
        return measured.pop(MODEL) | {"labels": len(self.labels)}, measured

    def frame(self) -> pd.DataFrame:
        """event_id, session_id, visitor_id, occurred_at, place, session_events, answer, answer_kind, session_answer.

        `answer` is null where the event carries no label; a session's label counts at its last event, and is
        `session_answer` at all of its events.
        """
        columns = ["event_id", "session_id", "visitor_id", "occurred_at", "place", "session_events"]
        frame = self.events[columns].reset_index(drop=True)
        names = np.array(self.labels.intents, dtype=object)
        answer = np.full(len(frame), None, dtype=object)
        answer[self._labelled] = names[self.labels.answers()]
        own = set(self._annotations.loc[self._annotations["target_kind"] == "event", "event_id"])
        kind = np.where(frame["event_id"].isin(own), "event", "session").astype(object)
        kind[pd.isna(answer)] = None
        sessions = _session_answers(self._annotations, self.labels.intents)
        return frame.assign(answer=answer, answer_kind=kind, session_answer=frame["session_id"].map(sessions))

    def save(self, folder: Path) -> None:
        """Write evaluation.parquet into a model folder."""
        write_answers(folder, self.frame(), self.answers, self.labels.intents)


def write_answers(folder: Path, frame: pd.DataFrame, answers: dict[str, np.ndarray], intents: tuple[str, ...]) -> None:
    """Write evaluation.parquet: HeldOut's frame, and probabilities [N, K] float32 by name as lists."""
    folder.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pandas(frame, schema=_SCHEMA, preserve_index=False)
    for name, values in answers.items():
        offsets = np.arange(len(values) + 1, dtype=np.int32) * values.shape[1]
        table = table.append_column(name, pa.ListArray.from_arrays(offsets, pa.array(values.ravel())))
    told = {INTENTS_KEY: json.dumps(list(intents)).encode()}
    temporary = folder / (EVALUATION_FILE + ".tmp")
    pq.write_table(table.replace_schema_metadata(told), temporary, compression="zstd")
    temporary.replace(folder / EVALUATION_FILE)


_SCHEMA = pa.schema(
    [
        ("event_id", pa.string()),
        ("session_id", pa.string()),
        ("visitor_id", pa.string()),
        ("occurred_at", pa.timestamp("us")),
        ("place", pa.int32()),
        ("session_events", pa.int32()),
        ("answer", pa.string()),
        ("answer_kind", pa.string()),
        ("session_answer", pa.string()),
    ]
)


def _rows_of_sessions(events: pd.DataFrame, labelled: np.ndarray, trained: np.ndarray) -> np.ndarray:
    """All rows [N] of the sessions of labelled rows; never one that was trained on (one visitor only was labeled)."""
    sessions = events["session_id"]
    inside = np.flatnonzero(sessions.isin(sessions.iloc[labelled].unique()))
    return inside[~np.isin(inside, np.setdiff1d(trained, labelled))]


def _unlabelled(labels: Labels, rows: np.ndarray) -> Labels:
    """Rows to be answered, as labels that say nothing."""
    count = len(rows)
    nothing = np.zeros((count, len(labels.intents)), dtype=np.float32)
    zeros = np.zeros(count, dtype=np.int64)
    return Labels(labels.intents, rows, nothing, np.ones(count, dtype=np.float32), np.ones(count, dtype=bool), zeros)


def _places(events: pd.DataFrame) -> pd.DataFrame:
    sessions = events.groupby("session_id", sort=False)["event_id"]
    return events.assign(place=sessions.cumcount() + 1, session_events=sessions.transform("size"))


def _session_answers(annotations: pd.DataFrame, intents: tuple[str, ...]) -> dict[str, str]:
    """Each labelled session's intent: what most annotators chose, the taxonomy's first where they tie."""
    shares = annotator_shares(annotations)
    shares = shares[(shares["target_kind"] == "session") & shares["intent"].isin(intents) & ~shares["bulk"]]
    place = shares["intent"].map({intent: index for index, intent in enumerate(intents)})
    best = shares.assign(place=place).sort_values(["share", "place"], ascending=[False, True])
    return dict(best.drop_duplicates("target")[["target", "intent"]].itertuples(index=False, name=None))
