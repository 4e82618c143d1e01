"""How early a model is right: macro-F1 against a session's label after so many of its events."""

import numpy as np
import pandas as pd

from core.evaluation.records import Records
from core.evaluation.scores import scores_beside

EVENTS_SEEN = (1, 2, 3, 5, 10)
SHARES = (25, 50, 75)
ALL_SEEN = "all"
SEEN_COLUMNS = ("name", "seen", "macro_f1", "low", "high", "n")


def by_events_seen(records: Records) -> pd.DataFrame:
    """SEEN_COLUMNS: after 1, 2, 3, 5, 10 events of the sessions that have as many, and at the end of each (`all`)."""
    place, length = _places(records)
    points = {str(seen): place == seen for seen in EVENTS_SEEN} | {ALL_SEEN: place == length}
    return _scored(records, points)


def by_share_seen(records: Records) -> pd.DataFrame:
    """SEEN_COLUMNS with `seen` in percent: at 25, 50 and 75 % of every session's events, rounded up."""
    place, length = _places(records)
    return _scored(records, {str(share): place == np.ceil(length * share / 100) for share in SHARES})


def _places(records: Records) -> tuple[np.ndarray, np.ndarray]:
    return records.frame["place"].to_numpy(), records.frame["session_events"].to_numpy()


def _scored(records: Records, points: dict[str, np.ndarray]) -> pd.DataFrame:
    """A point without any labelled session is left out."""
    answered = records.labels("session_answer") >= 0
    rows = [
        (name, seen, score.value, score.low, score.high, score.n)
        for seen, at_point in points.items()
        if (at_point & answered).any()
        for name, score in scores_beside(records.take(at_point & answered), "session_answer").items()
    ]
    return pd.DataFrame(rows, columns=list(SEEN_COLUMNS))
