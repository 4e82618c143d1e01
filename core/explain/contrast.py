"""One intent against another: what spoke for A rather than for B.

What is explained is p(A) − p(B), not the log odds: Integrated Gradients, Shapley values, gradient × input and leaving
out are linear in what they explain, so each cell of A against B is the cell of A less the cell of B, in the same unit
(points of probability), and it adds up to p(A) − p(B) less the same at the mean event. Log odds would let two intents
that are both next to impossible look like a strong case.
"""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from core.explain.attribution import explain_event, explain_prediction, prediction_of, until_event
from core.explain.heatmap import Heatmap
from core.explain.methods.registry import DEFAULT_METHOD, method_named

if TYPE_CHECKING:
    from core.model.scorer import SessionScorer


@dataclass(frozen=True)
class ContrastHeatmap(Heatmap):
    """The heatmap of `intent` against `against`; `probability` and its baseline are differences of probabilities."""

    against: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain JSON values."""
        return super().to_dict() | {"against": self.against}


def explain(
    scorer: "SessionScorer",
    events: pd.DataFrame,
    items: pd.DataFrame,
    media: Path | None = None,
    *,
    event_id: str,
    intent: str,
    against: str | None = None,
    **options: Any,
) -> Heatmap:
    """Explain one intent at one event, or, with `against`, why rather it than the other; see the two below it."""
    asked = (scorer, events, items, media)
    if against is None:
        return explain_event(*asked, event_id=event_id, intent=intent, **options)
    return explain_contrast(*asked, event_id=event_id, intent=intent, against=against, **options)


def explain_contrast(
    scorer: "SessionScorer",
    events: pd.DataFrame,
    items: pd.DataFrame,
    media: Path | None = None,
    *,
    event_id: str,
    intent: str,
    against: str,
    method: str = DEFAULT_METHOD,
    check: bool = True,
    thorough: bool = False,
) -> ContrastHeatmap:
    """Explain at one event why rather `intent` than `against`; arguments as of `explain_event`.

    Raises:
        NotFoundError: no such event among the events.
        UnknownIntentError: the model does not know an intent, or both are the same.
    """
    until = until_event(events, event_id)
    prediction = prediction_of(scorer, until, items, media, intent=intent, against=against)
    heatmap = explain_prediction(prediction, method_named(method), check=check, thorough=thorough)
    known = {field.name: getattr(heatmap, field.name) for field in fields(Heatmap)}
    told = {"event_ids": tuple(until["event_id"].tail(prediction.event_count)), "intent": intent}
    return ContrastHeatmap(**known | told | {"model_id": scorer.model_id}, against=against)
