"""Which labels measure a model: those of sessions drawn at random, where there are enough of them.

Labels that a query strategy asked for are of unusual sessions: a figure over them says how the model does there, not
how it does in the shop (Settles 2009, section 7.3). Held out, not cross-validated: each fold would cost a fine-tuning.
Visitors are taken in an order of their own that never changes, so that successive models are measured on much the same
visitors, and can be compared on those that both held out.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from core.active.chance import unit
from core.training.labels import LEAST_INTENTS, LEAST_LABELED_TARGETS, Labels, hold_out, split_by_time

LEAST_DRAWN = 20
"""Sessions drawn at random, and labelled; with fewer the latest visitors measure, however they were chosen."""

How = Literal["random", "latest"]


@dataclass(frozen=True)
class Split:
    """training, validation: [R] bool of the labels; in neither: chosen labels of visitors who measure.

    how: `random` measures on sessions drawn by lot, `latest` on the visitors labelled latest; drawn: labelled sessions
    that were drawn by lot.
    """

    training: np.ndarray
    validation: np.ndarray
    how: How
    drawn: int

    @property
    def reason(self) -> str:
        if self.how == "random":
            return (
                f"Measured on sessions drawn at random ({self.drawn} are labelled), of visitors kept out of training."
            )
        return (
            f"Measured on the visitors seen latest, however their sessions were chosen: only {self.drawn} labelled "
            f"sessions were drawn at random, {LEAST_DRAWN} and something else to learn from are needed."
        )


def split(labels: Labels, events: pd.DataFrame, annotations: pd.DataFrame, validation_share: float) -> Split:
    """Hold visitors out: of those with a session drawn at random so many that their sessions are `validation_share` of
    all labelled ones, or all of them.

    Args:
        events, annotations: the snapshot's; annotations tell by `drawn` how a session came to its annotator.
    """
    drawn = _drawn(labels, events, annotations)
    sessions = len(np.unique(labels.sessions[drawn]))
    if sessions >= LEAST_DRAWN:
        held_out = _visitors_held_out(labels, events, drawn, validation_share)
        training, validation = ~held_out, held_out & drawn
        if _teaches(labels.take(training)):
            return Split(training, validation, "random", sessions)
    return Split(*split_by_time(labels, events, validation_share), "latest", sessions)


def _drawn(labels: Labels, events: pd.DataFrame, annotations: pd.DataFrame) -> np.ndarray:
    """[R] bool: the row's session was drawn by lot for somebody who labelled it."""
    if "drawn" not in annotations:
        return np.zeros(len(labels), dtype=bool)
    by_lot = set(annotations.loc[annotations["drawn"] == "random", "session_id"])
    found: np.ndarray = events["session_id"].iloc[labels.rows].isin(by_lot).to_numpy()
    return found


def _visitors_held_out(labels: Labels, events: pd.DataFrame, drawn: np.ndarray, share: float) -> np.ndarray:
    """[R] bool: the row's visitor measures."""
    visitors = events["visitor_id"].to_numpy(dtype=object)[labels.rows].astype(str)
    wanted = max(1, round(share * len(np.unique(labels.sessions))))
    rows = pd.DataFrame({"visitor": visitors[drawn], "session": labels.sessions[drawn]})
    sessions = rows.groupby("visitor")["session"].nunique()
    order = sorted(sessions.index, key=lambda visitor: unit("held out", visitor))
    return np.isin(visitors, hold_out(labels, visitors, sessions.loc[order], wanted))


def _teaches(training: Labels) -> bool:
    answers = training.answers()[training.decisive]
    return len(answers) >= LEAST_LABELED_TARGETS and len(np.unique(answers)) >= LEAST_INTENTS
