"""Training, validation and test by visitor and time: nobody is on two sides, the latest visitors are the test."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.errors import TooFewLabelsError
from core.training.purchase.task import PurchaseTask

PARTS = ("training", "validation", "test")


@dataclass(frozen=True)
class Split:
    """[N] bool masks of a task's rows."""

    training: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def split_by_visitor_and_time(task: PurchaseTask, validation_share: float, test_share: float) -> Split:
    """Visitors in the order in which they were last seen; the shares are of sessions.

    Raises:
        TooFewLabelsError: a part would hold sessions of one kind only.
    """
    frame = pd.DataFrame({"visitor": task.events["visitor_id"], "at": task.events["occurred_at"]})
    ends = frame.iloc[task.ends]
    visitors = ends.groupby("visitor").agg(at=("at", "max"), sessions=("at", "size")).sort_values("at", kind="stable")
    share = (visitors["sessions"].cumsum() - visitors["sessions"] / 2) / visitors["sessions"].sum()
    part = np.searchsorted([1 - validation_share - test_share, 1 - test_share], share.to_numpy(), side="right")
    of_row = frame["visitor"].map(pd.Series(part, index=visitors.index)).to_numpy()
    split = Split(of_row == 0, of_row == 1, of_row == 2)
    for name in PARTS:
        _check_both(task, getattr(split, name), name)
    return split


def _check_both(task: PurchaseTask, rows: np.ndarray, name: str) -> None:
    answers = task.answer[task.ends][rows[task.ends]]
    if not answers.any() or answers.all():
        raise TooFewLabelsError(
            f"Of the {len(answers)} {name} session(s), {int(answers.sum())} bought; expected some that did and some "
            "that did not. Import logs of a longer time."
        )
