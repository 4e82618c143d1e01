"""The same promises on a real, small session model: hooks, weights, and fields it was told to leave out."""

import numpy as np
import pandas as pd
import pytest
import torch

from core.explain.attribution import explain_event, explain_prediction, prediction_of
from core.explain.heatmap import Heatmap
from core.explain.methods.method import Method
from core.explain.methods.registry import METHODS
from core.model.featurizer import Featurizer
from core.model.fields import FIELDS
from core.model.scorer import SessionScorer
from tests.core.explain.shop_model import set_mean_event
from tests.core.model.conftest import make_checkpoint
from tests.core.model.shop import Shop, make_shop

LEFT_OUT = ("brand", "device", "price")
each = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)


@pytest.fixture(scope="module")
def shop() -> Shop:
    return make_shop()


@pytest.fixture(scope="module")
def scorer(shop: Shop) -> SessionScorer:
    """An untrained model that must not read some fields; its mean event is that of the shop's first visitors."""
    checkpoint = make_checkpoint(shop)
    checkpoint.featurizer = Featurizer.fit(shop.events, shop.items, LEFT_OUT)
    made = SessionScorer(checkpoint)
    set_mean_event(made, shop)
    return made


def _streams(shop: Shop) -> list[pd.DataFrame]:
    return [stream for _, stream in shop.events.groupby("visitor_id") if len(stream) >= 6]


def _explained(scorer: SessionScorer, shop: Shop, method: Method) -> Heatmap:
    stream = _streams(shop)[0].head(12)
    event_id = stream["event_id"].iloc[-1]
    return explain_event(scorer, stream, shop.items, event_id=event_id, intent="purchase", method=method.name)


def _hooks(model: torch.nn.Module) -> int:
    kinds = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    return sum(len(getattr(module, kind)) for module in model.modules() for kind in kinds)


@each
def test_the_model_is_left_as_it_was(scorer: SessionScorer, shop: Shop, method: Method) -> None:
    weights = {name: value.clone() for name, value in scorer.model.state_dict().items()}
    attention, hooks = scorer.model.backbone.config._attn_implementation, _hooks(scorer.model)
    _explained(scorer, shop, method)
    assert _hooks(scorer.model) == hooks
    assert scorer.model.backbone.config._attn_implementation == attention
    assert not scorer.model.backbone.config.output_attentions
    assert all(not p.requires_grad and p.grad is None for p in scorer.model.parameters())
    for name, value in scorer.model.state_dict().items():
        assert torch.equal(value, weights[name])


@each
def test_a_field_left_out_gets_nothing_where_fields_are_told_apart(
    scorer: SessionScorer, shop: Shop, method: Method
) -> None:
    heatmap = _explained(scorer, shop, method)
    if method.unit == "event":
        assert heatmap.fields == ("whole_event",)
        return
    ignored = [FIELDS.index(name) for name in LEFT_OUT]
    assert np.abs(heatmap.values[:, ignored]).max() < 1e-6
    assert np.abs(np.delete(heatmap.values, ignored, axis=1)).max() > 1e-4


@each
def test_the_heatmap_says_what_its_method_promises(scorer: SessionScorer, shop: Shop, method: Method) -> None:
    heatmap = _explained(scorer, shop, method)
    assert (heatmap.method, heatmap.is_complete, heatmap.kind) == (method.name, method.is_complete, method.kind)
    change = heatmap.probability - heatmap.baseline_probability
    assert heatmap.convergence_delta == pytest.approx(float(heatmap.values.sum()) - change, abs=1e-5)
    if method.is_complete:
        assert heatmap.relative_error <= 0.01
    assert (heatmap.reliability == "curiosity") == (method.kind == "curiosity")
    assert heatmap.faithfulness is not None


def test_rolled_out_attention_is_shares_that_look_back_only(scorer: SessionScorer, shop: Shop) -> None:
    stream = _streams(shop)[0].head(8)
    prediction = prediction_of(scorer, stream, shop.items, intent="browse")
    assert prediction.attentions is not None
    shares = prediction.attentions()  # [L, T, T]
    assert shares.shape == (2, 8, 8)
    assert float(shares.triu(diagonal=1).abs().max()) == 0
    torch.testing.assert_close(shares.sum(dim=-1), torch.ones(2, 8))
    assert METHODS["attention_rollout"].attribute(prediction).values.sum() == pytest.approx(1, abs=1e-5)


def test_rollout_is_the_same_for_every_intent(scorer: SessionScorer, shop: Shop) -> None:
    stream, method = _streams(shop)[0].head(8), METHODS["attention_rollout"]
    one, other = (prediction_of(scorer, stream, shop.items, intent=intent) for intent in ("browse", "support"))
    np.testing.assert_array_equal(method.attribute(one).values, method.attribute(other).values)


def test_a_shaken_input_moves_the_heatmap_a_little(scorer: SessionScorer, shop: Shop) -> None:
    prediction = prediction_of(scorer, _streams(shop)[0].head(8), shop.items, intent="purchase")
    heatmap = explain_prediction(prediction, METHODS["integrated_gradients"], thorough=True)
    assert heatmap.faithfulness is not None
    assert 0 < heatmap.faithfulness.sensitivity < 0.5
