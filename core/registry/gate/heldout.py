"""What a run wrote of its held-out events: the measured model's answers beside the labels."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.errors import UnreadableFileError
from core.intents.resolution import pooled
from core.registry.models import ModelRecord


@dataclass(frozen=True)
class HeldOut:
    """frame: event_id, visitor_id, answer (an intent's id) of labelled held-out events; probabilities: [N, K]."""

    intents: tuple[str, ...]
    frame: pd.DataFrame
    probabilities: np.ndarray

    def answers_at(self, event_ids: pd.Series) -> pd.DataFrame:
        """[len(event_ids), K] by event_id; NaN where an event was not held out."""
        frame = pd.DataFrame(self.probabilities, columns=list(self.intents), index=self.frame["event_id"])
        return frame.reindex(event_ids)


def read_held_out(record: ModelRecord, merged: Mapping[str, str]) -> HeldOut | None:
    """The labelled held-out events of a model's run; None where it wrote none, or none that can be read.

    Args:
        merged: what merged intents count as.
    """
    from core.evaluation.records import read_records  # loads scikit-learn, only where a model is judged

    try:
        records = read_records(record.folder)
    except UnreadableFileError:
        return None
    labelled = records.labelled() if records is not None else None
    if labelled is None or not len(labelled):
        return None
    frame = labelled.frame[["event_id", "visitor_id", "answer"]]
    answers = frame["answer"].map(lambda answer: merged.get(answer, answer))
    intents, probabilities = pooled(labelled.answers["model"].astype(np.float64), labelled.intents, merged)
    return HeldOut(intents, frame.assign(answer=answers), probabilities)
