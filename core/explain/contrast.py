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

from core.explain.attribution import explain_event
from core.explain.faithfulness import measure_faithfulness
from core.explain.heatmap import Heatmap
from core.explain.question import ask

if TYPE_CHECKING:
    from core.model.scorer import SessionScorer

_SMALLEST_CHANGE = 0.01


@dataclass(frozen=True)
class ContrastHeatmap(Heatmap):
    """The heatmap of `intent` against `against`; `probability` and its baseline are differences of probabilities."""

    against: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain JSON values."""
        return super().to_dict() | {"against": self.against}


def contrast(heatmap: Heatmap, other: Heatmap, prediction_faithfulness: Any = None) -> ContrastHeatmap:
    """Two heatmaps of the same events by the same method, one intent less the other.

    Raises:
        ValueError: they explain different events.
    """
    if heatmap.event_ids != other.event_ids or heatmap.fields != other.fields:
        raise ValueError("The two heatmaps explain different events or fields, expected the same prediction.")
    delta = heatmap.convergence_delta - other.convergence_delta
    probability = heatmap.probability - other.probability
    baseline = heatmap.baseline_probability - other.baseline_probability
    known = {field.name: getattr(heatmap, field.name) for field in fields(Heatmap)}
    return ContrastHeatmap(
        **known
        | {
            "values": heatmap.values - other.values,
            "probability": probability,
            "baseline_probability": baseline,
            "convergence_delta": delta,
            "relative_error": abs(delta) / max(abs(probability - baseline), _SMALLEST_CHANGE),
            "n_steps": max(heatmap.n_steps, other.n_steps),
            "faithfulness": prediction_faithfulness,
        },
        against=other.intent,
    )


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
    **options: Any,
) -> ContrastHeatmap:
    """Explain at one event why rather `intent` than `against`; arguments as of `explain_event`.

    Raises:
        NotFoundError: no such event among the events.
        UnknownIntentError: the model does not know an intent, or both are the same.
    """
    check = options.pop("check", True)
    one, other = (
        explain_event(scorer, events, items, media, event_id=event_id, intent=name, check=False, **options)
        for name in (intent, against)
    )
    until = events.iloc[: int((events["event_id"] == event_id).to_numpy().argmax()) + 1]
    question = ask(scorer, until, items, media, intent=intent, against=against)
    difference = contrast(one, other)
    if not check:
        return difference
    return contrast(one, other, measure_faithfulness(question.prediction(), difference.event_totals))
