"""A prediction explained: the method asked for, its heatmap, and the measures that come with it."""

import copy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import torch
from torch import Tensor

from core.errors import NotFoundError
from core.explain.faithfulness import measure_faithfulness
from core.explain.heatmap import WHOLE_EVENT, Heatmap
from core.explain.methods.method import Method
from core.explain.methods.registry import DEFAULT_METHOD, method_named
from core.explain.prediction import Prediction
from core.explain.question import ask
from core.explain.sensitivity import measure_sensitivity
from core.explain.verdict import relative_error
from core.model.fields import FIELDS

if TYPE_CHECKING:
    from core.model.scorer import SessionScorer


def explain_event(
    scorer: "SessionScorer",
    events: pd.DataFrame,
    items: pd.DataFrame,
    media: Path | None = None,
    *,
    event_id: str,
    intent: str,
    method: str | Method = DEFAULT_METHOD,
    check: bool = True,
    thorough: bool = False,
) -> Heatmap:
    """Explain the probability of one intent at one event.

    Args:
        scorer: the model to explain.
        events: one visitor's events in order, the explained one among them; later ones are not looked at.
        items: the items those events name.
        media: folder of the item pictures.
        event_id: the event whose prediction is explained.
        intent: id of the intent explained.
        method: name of one of METHODS, or a method with settings of its own.
        check: measure faithfulness too (some hundred probabilities more, at most 0.8 s of a core).
        thorough: measure sensitivity as well (five heatmaps more).

    Raises:
        NotFoundError: no such event among the events, or no such method.
        UnknownIntentError: the model does not know the intent.
    """
    chosen = method_named(method) if isinstance(method, str) else method
    events = until_event(events, event_id)
    prediction = prediction_of(scorer, events, items, media, intent=intent)
    heatmap = explain_prediction(prediction, chosen, check=check, thorough=thorough)
    event_ids = tuple(events["event_id"].tail(prediction.event_count))
    return replace(heatmap, event_ids=event_ids, intent=intent, model_id=scorer.model_id)


def explain_prediction(
    prediction: Prediction, method: Method, *, check: bool = True, thorough: bool = False
) -> Heatmap:
    """The heatmap of a prediction that is at hand; whose it is and of what, is for the caller to fill in."""
    found = method.attribute(prediction)
    probability, baseline_probability = prediction.ends
    delta = float(found.values.sum(dtype="float64")) - (probability - baseline_probability)
    measured = None
    if check:
        totals = found.values.sum(axis=1)
        measured = measure_faithfulness(prediction, totals, sums=method.kind == "explanation")
        if thorough:
            measured = replace(measured, sensitivity=measure_sensitivity(prediction, method))
    return Heatmap(
        event_ids=tuple(str(place) for place in range(prediction.event_count)),
        fields=FIELDS if method.unit == "cell" else (WHOLE_EVENT,),
        values=found.values,
        intent="",
        probability=probability,
        baseline_probability=baseline_probability,
        convergence_delta=delta,
        relative_error=relative_error(delta, probability - baseline_probability),
        n_steps=found.steps,
        model_id="",
        faithfulness=measured,
        method=method.name,
        kind=method.kind,
        is_complete=method.is_complete,
        block=found.block,
        sampling_error=found.sampling_error,
    )


def prediction_of(
    scorer: "SessionScorer",
    events: pd.DataFrame,
    items: pd.DataFrame,
    media: Path | None = None,
    *,
    intent: str,
    against: str | None = None,
) -> Prediction:
    """The prediction at the last event as a function of the field embeddings of the events the model sees there: the
    probability of the intent, or its lead over another one.

    Raises:
        UnknownIntentError: the model does not know an intent, or both are the same.
    """
    question = ask(scorer, events, items, media, intent=intent, against=against)
    return replace(question.prediction(), attentions=_attentions(scorer, question.field_embeddings))


def until_event(events: pd.DataFrame, event_id: str) -> pd.DataFrame:
    """The events before and at this one.

    Raises:
        NotFoundError: it is not among them.
    """
    places = (events["event_id"] == event_id).to_numpy().nonzero()[0]
    if not len(places):
        raise NotFoundError(f"There is no event '{event_id}' among these {len(events)} events.")
    return events.iloc[: places[0] + 1]


def _attentions(scorer: "SessionScorer", field_embeddings: Tensor) -> Callable[[], Tensor]:
    """Reads the attention of a copy of the model: the quick kind of attention shows none, and the model itself may be
    answering somebody else meanwhile. What a learned prefix is given is left out of the shares."""

    def attentions() -> Tensor:
        model = copy.deepcopy(scorer.model)
        model.backbone.set_attn_implementation("eager")
        model.backbone.config.output_attentions = True
        seen: list[Tensor] = []
        model.backbone.register_forward_hook(lambda _module, _inputs, output: seen.extend(output.attentions))
        with torch.no_grad():
            model(field_embeddings=field_embeddings)
        shares = torch.stack([layer[0].mean(dim=0) for layer in seen])[..., -field_embeddings.shape[1] :]
        read: Tensor = shares / shares.sum(dim=-1, keepdim=True)
        return read

    return attentions
