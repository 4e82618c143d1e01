"""One intent against another: each cell is the difference of two ordinary cells, and all add up."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from captum.attr import IntegratedGradients

from core.errors import UnknownIntentError
from core.explain.attribution import explain_event
from core.explain.contrast import explain_contrast
from core.explain.question import ask
from core.model.scorer import SessionScorer
from tests.core.model.conftest import make_checkpoint
from tests.core.model.shop import Shop, make_shop


@pytest.fixture(scope="module")
def shop() -> Shop:
    return make_shop()


@pytest.fixture(scope="module")
def scorer(shop: Shop) -> SessionScorer:
    checkpoint = make_checkpoint(shop)
    scorer = SessionScorer(checkpoint)
    with torch.no_grad():
        batch = scorer.batch(stream(shop), shop.items)
        checkpoint.model.mean_event.copy_(checkpoint.model.encode_fields(batch)[0].mean(dim=0))
    return scorer


def stream(shop: Shop) -> pd.DataFrame:
    visitor = shop.events["visitor_id"].value_counts().index[3]
    return shop.events[shop.events["visitor_id"] == visitor].head(12)


def told(shop: Shop, scorer: SessionScorer, intent: str, against: str, **options: Any):
    events = stream(shop)
    last = str(events["event_id"].iloc[-1])
    return explain_contrast(scorer, events, shop.items, event_id=last, intent=intent, against=against, **options)


def test_the_cells_add_up_to_the_lead_of_one_over_the_other(shop: Shop, scorer: SessionScorer) -> None:
    heatmap = told(shop, scorer, "purchase", "support")
    probabilities = scorer.score(stream(shop), shop.items)[-1]
    assert heatmap.probability == pytest.approx(float(probabilities[1] - probabilities[2]), abs=1e-5)
    change = heatmap.probability - heatmap.baseline_probability
    assert float(heatmap.values.sum()) == pytest.approx(change + heatmap.convergence_delta, abs=1e-4)
    assert heatmap.faithfulness is not None
    assert heatmap.to_dict()["against"] == "support"


def test_it_is_what_integrating_the_lead_itself_gives(shop: Shop, scorer: SessionScorer) -> None:
    question = ask(scorer, stream(shop), shop.items, intent="purchase", against="support")
    prediction = question.prediction()
    whole = IntegratedGradients(question.value).attribute(
        prediction.field_embeddings, baselines=prediction.baseline_input, n_steps=160, internal_batch_size=16
    )
    heatmap = told(shop, scorer, "purchase", "support", check=False)
    np.testing.assert_allclose(heatmap.values, whole.sum(-1)[0].numpy(), atol=2e-3)


def test_the_other_way_round_is_the_opposite(shop: Shop, scorer: SessionScorer) -> None:
    one, other = (told(shop, scorer, *pair, check=False) for pair in (("browse", "support"), ("support", "browse")))
    np.testing.assert_allclose(one.values, -other.values, atol=1e-6)


def test_what_cannot_be_contrasted_is_refused(shop: Shop, scorer: SessionScorer) -> None:
    with pytest.raises(UnknownIntentError, match="against itself"):
        told(shop, scorer, "browse", "browse")
    with pytest.raises(UnknownIntentError, match="does not know the intent 'fly'"):
        told(shop, scorer, "browse", "fly")


@pytest.mark.parametrize("method", ["integrated_gradients", "gradient_times_input", "occlusion_of_fields"])
def test_each_cell_is_the_cell_of_one_less_the_cell_of_the_other(
    method: str, shop: Shop, scorer: SessionScorer
) -> None:
    events = stream(shop)
    last = str(events["event_id"].iloc[-1])
    one, other = (
        explain_event(scorer, events, shop.items, event_id=last, intent=intent, method=method, check=False)
        for intent in ("purchase", "support")
    )
    against = told(shop, scorer, "purchase", "support", method=method, check=False)
    assert against.event_ids == one.event_ids
    np.testing.assert_allclose(against.values, one.values - other.values, atol=2e-3)


def test_its_steadiness_is_measured_where_asked_for(shop: Shop, scorer: SessionScorer) -> None:
    heatmap = told(shop, scorer, "purchase", "support", thorough=True)
    assert heatmap.faithfulness is not None
    assert heatmap.faithfulness.sensitivity >= 0
