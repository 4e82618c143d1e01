"""The self-labelled task: every event before a session's first order asks whether the session will buy."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.errors import TooFewLabelsError
from core.model.purchase_cut import before_first_order, first_order

LEAST_SESSIONS = 20
"""Sessions with an order, and without one, below which nothing can be learned and measured."""


@dataclass(frozen=True)
class PurchaseTask:
    """N events that may be read, and what became of their session.

    events: sorted by visitor_id, occurred_at, event_id; from a session's first order on they are cut
    session: [N] int64 code of the session; place: [N] int64 events of it seen so far, from 1
    length: [N] int64 events of it that may be read; answer: [N] bool, whether it will buy
    dropped: sessions whose very first instant is the order, so that nothing stands before it
    """

    events: pd.DataFrame
    session: np.ndarray
    place: np.ndarray
    length: np.ndarray
    answer: np.ndarray
    dropped: int

    def __len__(self) -> int:
        return len(self.session)

    @property
    def ends(self) -> np.ndarray:
        """[S] rows of each session's last readable event."""
        return np.flatnonzero(self.place == self.length)

    def weights(self, power: float) -> np.ndarray:
        """[N] float32 of mean 1: length ** -power, so that 1 gives every session the same say, 0 every event."""
        weight = self.length.astype(np.float64) ** -power
        return (weight / weight.mean()).astype(np.float32)


def purchase_task(events: pd.DataFrame, target: str) -> PurchaseTask:
    """Cut the events and read the answers off them.

    Args:
        events: sorted by visitor_id, occurred_at, event_id.
        target: the event_type that counts as buying.

    Raises:
        TooFewLabelsError: fewer than LEAST_SESSIONS sessions that bought, or that did not.
    """
    if not events["event_type"].eq(target).any():
        raise TooFewLabelsError(
            f"None of the {len(events)} events is a '{target}', so no session is known to have bought; import the "
            f"shop's orders as events of type '{target}', or choose another target."
        )
    readable = before_first_order(events, target)
    ordered = ~np.isnat(first_order(events, target))
    kept = events[readable].reset_index(drop=True)
    session, place, length = _places(kept)
    every = events[["visitor_id", "session_id"]].drop_duplicates()
    task = PurchaseTask(kept, session, place, length, ordered[readable], len(every) - _count(session))
    _check_enough(task, target)
    return task


def _places(events: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    groups = events.groupby(["visitor_id", events["session_id"].fillna("")], sort=False)
    place = groups.cumcount().to_numpy() + 1
    return groups.ngroup().to_numpy(), place, groups["event_id"].transform("size").to_numpy()


def _count(session: np.ndarray) -> int:
    return int(session.max(initial=-1)) + 1


def _check_enough(task: PurchaseTask, target: str) -> None:
    bought = int(task.answer[task.ends].sum())
    others = len(task.ends) - bought
    if bought < LEAST_SESSIONS or others < LEAST_SESSIONS:
        raise TooFewLabelsError(
            f"{bought} session(s) show something before a '{target}' and {others} end without one, expected at least "
            f"{LEAST_SESSIONS} of each ({task.dropped} more begin with it); import more of the shop's logs."
        )
