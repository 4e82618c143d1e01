"""Shuffled weights: what is shuffled, what is kept, and that a method blind to the model is found out."""

from typing import ClassVar

import numpy as np
import pytest
import torch

from core.explain.attribution import prediction_of
from core.explain.methods.method import Attributions, Method
from core.explain.methods.registry import METHODS
from core.explain.prediction import Prediction
from core.explain.study.randomized import STAGES, likeness, randomized
from core.model.scorer import SessionScorer
from tests.core.model.conftest import make_checkpoint
from tests.core.model.shop import Shop, make_shop


class BlindToTheModel(Method):
    """Says how far each cell is from the mean event, whatever the model makes of it."""

    name: ClassVar[str] = "blind"

    def attribute(self, prediction: Prediction) -> Attributions:
        distance = (prediction.field_embeddings - prediction.baseline_input).square().sum(-1)[0]
        return Attributions(distance.numpy(), 0)


@pytest.fixture(scope="module")
def shop() -> Shop:
    return make_shop()


@pytest.fixture(scope="module")
def scorer(shop: Shop) -> SessionScorer:
    return SessionScorer(make_checkpoint(shop))


@pytest.mark.parametrize("stage", STAGES)
def test_each_stage_shuffles_what_lies_above_it_and_nothing_below(scorer: SessionScorer, stage: str) -> None:
    before = {name: value.clone() for name, value in scorer.model.state_dict().items()}
    other = randomized(scorer, stage).model.state_dict()
    parts = dict(zip(STAGES, ("intent_head.", "next_event.", "backbone."), strict=True))
    shuffled = tuple(parts[one] for one in STAGES[: STAGES.index(stage) + 1])
    moved = {name for name, value in other.items() if not torch.equal(value, before[name])}
    assert moved
    assert all(name.startswith(shuffled) for name in moved)
    assert any(name.startswith(parts[stage]) for name in moved)
    for name in moved:
        assert torch.equal(other[name].flatten().sort().values, before[name].flatten().sort().values)
    for name, value in scorer.model.state_dict().items():
        assert torch.equal(value, before[name])


def test_a_method_that_is_blind_to_the_model_is_found_out(scorer: SessionScorer, shop: Shop) -> None:
    stream = shop.events[shop.events["visitor_id"] == shop.events["visitor_id"].iloc[0]].head(10)
    own, other = (
        prediction_of(each, stream, shop.items, intent="purchase")
        for each in (scorer, randomized(scorer, STAGES[-1], seed=1))
    )
    blind = likeness(BlindToTheModel().attribute(own).values, BlindToTheModel().attribute(other).values)
    assert blind == (pytest.approx(1), pytest.approx(1))
    method = METHODS["integrated_gradients"]
    assert likeness(method.attribute(own).values, method.attribute(other).values)[0] < 0.6


def test_likeness_tells_signs_from_sizes_and_is_undefined_where_nothing_varies() -> None:
    heatmap = np.array([[0.3, -0.2], [0.1, 0.05]], dtype=np.float32)
    assert likeness(heatmap, -heatmap) == (pytest.approx(-1), pytest.approx(1))
    assert np.isnan(likeness(heatmap, np.zeros_like(heatmap))).all()
    assert np.isnan(likeness(heatmap[:1], heatmap[:1])).all()
