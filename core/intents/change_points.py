"""Where a visitor's intent changes and stays changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

STAYS = 2
"""Events in a row for which a new intent must be the likeliest before it counts."""


@dataclass(frozen=True)
class ChangePoint:
    """At the event in place `at`, the intent in column `before` gave way to the one in column `after`."""

    at: int
    before: int
    after: int


def change_points(probabilities: np.ndarray, session_ids: Sequence[str], stays: int = STAYS) -> list[ChangePoint]:
    """The events from which on another intent of the session is the likeliest, for at least `stays` events in a row.

    A session starts with the first intent that stays so long; what flickers for fewer events is passed over, and so is
    a change at a session's very end, of which nobody knows yet whether it stays. Looks at one session at a time.

    Args:
        probabilities: [N, K] float, rows in the order of the events; a row of NaN (not scored) interrupts a run.
        session_ids: [N], the events of a session side by side.
    """
    if len(probabilities) != len(session_ids):
        raise ValueError(
            f"{len(probabilities)} rows of probabilities for {len(session_ids)} events, expected one each."
        )
    known = ~np.isnan(probabilities).any(axis=1)
    likeliest = np.where(known, np.argmax(np.nan_to_num(probabilities), axis=1), -1)
    points: list[ChangePoint] = []
    settled, session_id = -1, None
    for start, end in _runs(likeliest, session_ids):
        if session_ids[start] != session_id:
            settled, session_id = -1, session_ids[start]
        intent = int(likeliest[start])
        if intent < 0 or end - start < stays or intent == settled:
            continue
        if settled >= 0:
            points.append(ChangePoint(start, settled, intent))
        settled = intent
    return points


def _runs(likeliest: np.ndarray, session_ids: Sequence[str]) -> list[tuple[int, int]]:
    """Stretches [start, end) of one session with one likeliest intent."""
    starts = [
        at
        for at in range(len(likeliest))
        if at == 0 or likeliest[at] != likeliest[at - 1] or session_ids[at] != session_ids[at - 1]
    ]
    return list(pairwise([*starts, len(likeliest)]))
