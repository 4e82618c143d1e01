"""Reading a model folder's evaluation.parquet: what model and baselines said of the held-out sessions."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import UnreadableFileError
from core.training.held_out import EVALUATION_FILE, INTENTS_KEY, MODEL

BASELINES = ("trees", "kgram", "base_rate")
"""The strongest first."""
NAMES = (MODEL, *BASELINES)
COLUMNS = (
    "event_id",
    "session_id",
    "visitor_id",
    "occurred_at",
    "place",
    "session_events",
    "answer",
    "answer_kind",
    "session_answer",
)


@dataclass(frozen=True)
class Records:
    """N events of held-out sessions, in order of visitor and time.

    frame: COLUMNS; `place` counts the session's events seen, `answer` is null without a label at that event.
    answers: name -> probabilities [N, K] float32 in the order of `intents`, for each of NAMES.
    """

    intents: tuple[str, ...]
    frame: pd.DataFrame
    answers: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.frame)

    def take(self, chosen: np.ndarray) -> "Records":
        """The chosen rows (bool or int index)."""
        rows = np.flatnonzero(chosen) if chosen.dtype == bool else chosen
        answers = {name: values[rows] for name, values in self.answers.items()}
        return Records(self.intents, self.frame.iloc[rows].reset_index(drop=True), answers)

    def labelled(self) -> "Records":
        """The rows that carry a label: what every figure of quality is about."""
        return self.take(self.frame["answer"].notna().to_numpy())

    def labels(self, column: str = "answer") -> np.ndarray:
        """[N] int64: the place of each row's answer (or `session_answer`) among the intents; -1 without one."""
        places = {intent: index for index, intent in enumerate(self.intents)}
        return np.array([places.get(answer, -1) for answer in self.frame[column]], dtype=np.int64)

    def guesses(self, name: str = MODEL) -> np.ndarray:
        """[N] int64: the likeliest intent of each row."""
        guessed: np.ndarray = self.answers[name].argmax(axis=1)
        return guessed

    def visitors(self) -> np.ndarray:
        """[N] str."""
        return self.frame["visitor_id"].to_numpy(dtype=object).astype(str)

    def intent_ids(self, places: np.ndarray) -> np.ndarray:
        """Ids [N] of intents by their places [N]."""
        ids: np.ndarray = np.array(self.intents, dtype=object)[places]
        return ids


def read_records(folder: Path) -> Records | None:
    """The records of a model folder; None when it has none.

    Raises:
        UnreadableFileError: the file is damaged or not what fine-tuning writes.
    """
    path = folder / EVALUATION_FILE
    if not path.is_file():
        return None
    try:
        table = pq.read_table(path)
        intents = tuple(str(intent) for intent in json.loads(table.schema.metadata[INTENTS_KEY]))
        frame = table.select(list(COLUMNS)).to_pandas()
        answers = {name: _matrix(table[name], len(intents)) for name in NAMES}
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
        raise UnreadableFileError(
            f"'{path}' cannot be read ({error}), expected what fine-tuning writes; fine-tune the model again."
        ) from error
    return Records(intents, frame, answers)


def _matrix(column: pa.ChunkedArray, width: int) -> np.ndarray:
    values: np.ndarray = column.combine_chunks().flatten().to_numpy(zero_copy_only=False)
    return values.reshape(-1, width)
