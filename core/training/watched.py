"""What a delivered model says of a fixed sample of sessions, kept in its folder as watched.parquet.

Successive models are compared on it to tell whether more labels still change their minds (core/active/stopping.py).
The sample depends on the sessions' ids alone; those that somebody labels are left out when it is read.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from core.active.chance import unit
from core.active.stopping import WATCHED_FILE
from core.model.session_model import SessionModel
from core.training.labeled_windows import read_out
from core.training.labels import Labels
from core.training.prepared import PreparedEvents
from core.training.scoring import is_last_of_session

WATCHED = 1000
"""Sessions; Bloodgood and Vijay-Shanker found 2,000 texts plenty."""


def watched_rows(events: pd.DataFrame) -> np.ndarray:
    """Rows [W] of the last events of the sample's sessions, in order."""
    last = np.flatnonzero(is_last_of_session(events))
    lots = np.array([unit("watched", session_id) for session_id in events["session_id"].iloc[last]])
    chosen: np.ndarray = np.sort(last[np.argsort(lots, kind="stable")[:WATCHED]])
    return chosen


def save_watched(
    folder: Path, model: SessionModel, prepared: PreparedEvents, events: pd.DataFrame, intents: tuple[str, ...]
) -> None:
    """Write session_id and the likeliest intent of each watched session into a model folder."""
    rows = watched_rows(events)
    count = len(rows)
    nothing = np.zeros((count, len(intents)), dtype=np.float32)
    ones, zeros = np.ones(count, dtype=np.float32), np.zeros(count, dtype=np.int64)
    _, logits = read_out(model, prepared, Labels(intents, rows, nothing, ones, ones.astype(bool), zeros))
    guessed = np.array(intents, dtype=object)[logits.argmax(dim=1).numpy()]
    frame = pd.DataFrame({"session_id": events["session_id"].iloc[rows].to_numpy(), "intent": guessed})
    folder.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(folder / WATCHED_FILE, index=False)
