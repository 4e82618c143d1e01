"""What a run wrote of its held-out events: the measured model's answers beside the labels."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.registry.models import ModelRecord

EVALUATION_FILE = "evaluation.parquet"
COLUMNS = ("event_id", "visitor_id", "answer", "model")


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


def read_held_out(record: ModelRecord) -> HeldOut | None:
    """The labelled held-out events of a model's run; None where it wrote none or in another shape."""
    path = record.folder / EVALUATION_FILE
    if not path.is_file():
        return None
    try:
        frame = pd.read_parquet(path)
    except (OSError, ValueError):
        return None
    if not set(COLUMNS) <= set(frame.columns):
        return None
    frame = frame[frame["answer"].notna()].drop_duplicates("event_id")
    shapely = frame["model"].map(len) == len(record.intents)
    frame = frame[shapely].reset_index(drop=True)
    if frame.empty:
        return None
    return HeldOut(record.intents, frame[list(COLUMNS[:3])], np.stack(frame["model"].to_list()).astype(np.float64))
