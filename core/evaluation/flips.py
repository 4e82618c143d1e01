"""How steady a model is: how often its likeliest intent changes within a session, and how often it changes back."""

import numpy as np
import pandas as pd

from core.evaluation.records import NAMES, Records
from core.training.held_out import MODEL

MOST_COUNTED = 4
"""Sessions with as many flips or more are counted together."""


def session_flips(records: Records, name: str = MODEL) -> pd.DataFrame:
    """A row a session: session_id, visitor_id, events, flips, returns.

    A flip is an event whose likeliest intent differs from the event's before; a return is a flip to the very intent
    that the flip before it had left: the model wavered rather than followed a change of mind.
    """
    frame = records.frame[["session_id", "visitor_id"]].assign(guess=records.guesses(name))
    rows = [
        (session_id, part["visitor_id"].iloc[0], len(part), *count_flips(part["guess"].to_numpy()))
        for session_id, part in frame.groupby("session_id", sort=False)
    ]
    return pd.DataFrame(rows, columns=["session_id", "visitor_id", "events", "flips", "returns"])


def count_flips(guesses: np.ndarray) -> tuple[int, int]:
    """Flips and returns of the guesses [T] of one session in order."""
    if not len(guesses):
        return 0, 0
    runs = guesses[np.flatnonzero(np.r_[True, guesses[1:] != guesses[:-1]])]
    return len(runs) - 1, int((runs[2:] == runs[:-2]).sum())


def flip_summary(records: Records) -> pd.DataFrame:
    """A row a name: name, flips (mean a session), steady (share without a flip), returning (share with one), n."""
    rows = []
    for name in NAMES:
        found = session_flips(records, name)
        if len(found):
            steady, returning = float(found["flips"].eq(0).mean()), float(found["returns"].gt(0).mean())
            rows.append((name, float(found["flips"].mean()), steady, returning, len(found)))
    return pd.DataFrame(rows, columns=["name", "flips", "steady", "returning", "n"])


def flip_counts(records: Records) -> pd.DataFrame:
    """name, flips (0 to MOST_COUNTED, the last meaning that many or more), share of sessions, sessions."""
    rows = []
    for name in NAMES:
        flips = session_flips(records, name)["flips"].clip(upper=MOST_COUNTED).to_numpy(dtype=np.int64)
        counts = np.bincount(flips, minlength=MOST_COUNTED + 1)
        rows += [(name, flips_, count / max(len(flips), 1), count) for flips_, count in enumerate(counts.tolist())]
    return pd.DataFrame(rows, columns=["name", "flips", "share", "sessions"])
