"""Integrated Gradients on the field embeddings, from the mean event to the events as they were.

Source: Sundararajan, Taly, Yan 2017 (arXiv 1703.01365), by Captum. The baseline is the mean event of the training
data: a zero vector is no event at all behind RMSNorm, and the attributions then do not add up.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import torch
from captum.attr import IntegratedGradients
from torch import Tensor

from core.errors import NotFoundError, UnknownIntentError
from core.explain.faithfulness import measure_faithfulness
from core.explain.heatmap import TRUSTED_ERROR, Heatmap
from core.explain.prediction import Prediction, Probability
from core.model.fields import FIELDS

if TYPE_CHECKING:
    from core.model.scorer import SessionScorer

MOST_STEPS = 160
SMALLEST_CHANGE = 0.01
"""Below this change of probability the relative error is taken against it, so that nearly nothing is not divided by."""
ROWS_PER_BATCH = 8
"""Path steps run through the model together; measured fastest on two cores, and bounds the memory of long sessions."""


def explain_event(
    scorer: "SessionScorer",
    events: pd.DataFrame,
    items: pd.DataFrame,
    media: Path | None = None,
    *,
    event_id: str,
    intent: str,
    n_steps: int = 20,
    check: bool = True,
) -> Heatmap:
    """Explain the probability of one intent at one event.

    Args:
        scorer: the model to explain.
        events: one visitor's events in order, the explained one among them; later ones are not looked at.
        items: the items those events name.
        media: folder of the item pictures.
        event_id: the event whose prediction is explained.
        intent: id of the intent explained.
        n_steps: steps of the path integral; doubled up to MOST_STEPS while the convergence error is above 1 %.
        check: measure faithfulness too (some ten forward passes more).

    Raises:
        NotFoundError: no such event among the events.
        UnknownIntentError: the model does not know the intent.
    """
    events = _until(events, event_id)
    if intent not in scorer.intents:
        known = ", ".join(scorer.intents)
        raise UnknownIntentError(f"The model '{scorer.model_id}' does not know the intent '{intent}', only {known}.")
    prediction = _prediction(scorer, events, items, media, scorer.intents.index(intent))
    attributions, delta, steps = integrate_gradients(prediction, n_steps)
    values = attributions.sum(-1)[0].float().numpy()
    ends = prediction.keep_events(torch.tensor([[True], [False]]).expand(2, prediction.event_count))
    probability, baseline_probability = ends.tolist()
    return Heatmap(
        event_ids=tuple(events["event_id"].tail(prediction.event_count)),
        fields=FIELDS,
        values=values,
        intent=intent,
        probability=probability,
        baseline_probability=baseline_probability,
        convergence_delta=delta,
        relative_error=_relative_error(delta, probability - baseline_probability),
        n_steps=steps,
        model_id=scorer.model_id,
        faithfulness=measure_faithfulness(prediction, values.sum(axis=1)) if check else None,
    )


def integrate_gradients(prediction: Prediction, n_steps: int) -> tuple[Tensor, float, int]:
    """Attributions [1, T, F, d], their convergence delta, and the steps it took to bring the error to 1 %."""
    method = IntegratedGradients(prediction.probability)
    ends = prediction.keep_events(torch.tensor([[True], [False]]).expand(2, prediction.event_count))
    change = float(ends[0] - ends[1])
    while True:
        attributions, delta = method.attribute(
            prediction.field_embeddings,
            baselines=prediction.baseline_input,
            additional_forward_args=(prediction.attention_mask,),
            n_steps=n_steps,
            internal_batch_size=ROWS_PER_BATCH,
            return_convergence_delta=True,
        )
        if _relative_error(float(delta), change) <= TRUSTED_ERROR or n_steps * 2 > MOST_STEPS:
            return attributions.detach(), float(delta), n_steps
        n_steps *= 2


def _relative_error(delta: float, change: float) -> float:
    return abs(delta) / max(abs(change), SMALLEST_CHANGE)


def _until(events: pd.DataFrame, event_id: str) -> pd.DataFrame:
    places = (events["event_id"] == event_id).to_numpy().nonzero()[0]
    if not len(places):
        raise NotFoundError(f"There is no event '{event_id}' among these {len(events)} events.")
    return events.iloc[: places[0] + 1]


def _prediction(
    scorer: "SessionScorer", events: pd.DataFrame, items: pd.DataFrame, media: Path | None, target: int
) -> Prediction:
    """The prediction at the last event as a function of the field embeddings of the events the model sees there."""
    batch = scorer.batch(events, items, media)
    with torch.no_grad():
        field_embeddings = scorer.model.encode_fields(batch)
    return Prediction(
        probability=_probability(scorer, target),
        field_embeddings=field_embeddings,
        baseline_input=scorer.mean_event_baseline().expand_as(field_embeddings),
        attention_mask=batch.attention_mask,
    )


def _probability(scorer: "SessionScorer", target: int) -> Probability:
    def probability(field_embeddings: Tensor, attention_mask: Tensor) -> Tensor:
        logits = scorer.model(field_embeddings=field_embeddings, attention_mask=attention_mask).intent_logits
        return scorer.probabilities(logits[:, -1])[:, target]

    return probability
