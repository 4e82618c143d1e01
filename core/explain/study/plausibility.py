"""Does the heatmap point where people point? Event labels as rationales of a session's intent, after ERASER.

Source: DeYoung et al. 2020 (arXiv 1911.03429): AUPRC of the scores, and token F1 and intersection over union of the
highest ones. An event that a person labelled with the explained intent is a rationale; all other events of the session
are not, whether labelled otherwise or not at all. Beside each figure stands what a random order would reach.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import hypergeom
from sklearn.metrics import average_precision_score

from core.training.labels import annotator_shares


@dataclass(frozen=True)
class Rationale:
    """What people marked in one session.

    event_id: the session's last event, at which the intent is explained.
    marked: ids of the events that speak for the intent.
    """

    session_id: str
    visitor_id: str
    event_id: str
    intent: str
    marked: frozenset[str]


@dataclass(frozen=True)
class Plausibility:
    """Agreement of one heatmap with one rationale, each figure beside that of a random order."""

    auprc: float
    chance_auprc: float
    token_f1: float
    chance_token_f1: float
    iou: float
    chance_iou: float


def rationales(annotations: pd.DataFrame, events: pd.DataFrame, intents: tuple[str, ...]) -> Iterator[Rationale]:
    """Those of the sessions with event labels, for intents the model knows.

    The explained intent is the one most annotators gave the session; where nobody labelled the session as a whole, the
    one most of its event labels name. Sessions where all events, or none, are marked with it say nothing and are left
    out.

    Args:
        annotations, events: the snapshot's.
    """
    shares = annotator_shares(annotations)
    shares = shares[shares["intent"].isin(intents)].sort_values(["share", "intent"], ascending=[False, True])
    chosen = shares.drop_duplicates(["target_kind", "target"])
    of_event = chosen[chosen["target_kind"] == "event"].set_index("target")["intent"]
    of_session = chosen[chosen["target_kind"] == "session"].set_index("target")["intent"]
    labelled = events.loc[events["event_id"].isin(of_event.index), "session_id"].unique()
    for session_id, session in events[events["session_id"].isin(labelled)].groupby("session_id", sort=True):
        said = session["event_id"].map(of_event).dropna()
        intent = str(of_session.get(session_id, said.value_counts(sort=True).index[0]))
        marked = frozenset(session["event_id"][session["event_id"].map(of_event) == intent])
        if 0 < len(marked) < len(session):
            visitor_id, event_id = (str(session[name].iloc[-1]) for name in ("visitor_id", "event_id"))
            yield Rationale(str(session_id), visitor_id, event_id, intent, marked)


def plausibility(event_totals: npt.NDArray[np.float32], is_marked: npt.NDArray[np.bool_]) -> Plausibility:
    """Compare what a heatmap says each event of the session adds [T] with which of them people marked [T].

    As many of the highest events are taken as people marked.
    """
    marked, events = int(is_marked.sum()), len(is_marked)
    top = np.zeros(events, dtype=bool)
    top[np.argsort(-event_totals, kind="stable")[:marked]] = True
    hits = int((top & is_marked).sum())
    outcomes = np.arange(marked + 1)
    chances = hypergeom(events, marked, marked).pmf(outcomes)
    return Plausibility(
        auprc=float(average_precision_score(is_marked, event_totals)),
        chance_auprc=chance_average_precision(marked, events),
        token_f1=hits / marked,
        chance_token_f1=marked / events,
        iou=hits / (2 * marked - hits),
        chance_iou=float(chances @ (outcomes / (2 * marked - outcomes))),
    )


def chance_average_precision(marked: int, events: int) -> float:
    """Mean average precision over all orders of `events`, of which `marked` are right.

    At rank k stands a right one with probability marked ÷ events, and of the k − 1 before it (marked − 1) ÷
    (events − 1) are right on average.
    """
    if events == 1:
        return 1.0
    ranks = np.arange(1, events + 1)
    precision = (1 + (ranks - 1) * (marked - 1) / (events - 1)) / ranks
    return float(precision.mean())
