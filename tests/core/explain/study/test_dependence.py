"""Sweeps of one number: they are the model's own answers, lie where the data lies, and find what was planted."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from core.explain.study.dependence import (
    GRID_POINTS,
    Sweep,
    grid_of,
    own_values,
    plan_sweeps,
    swept,
    usual_currency_of,
)
from core.explain.study.dependence_report import Dependence
from core.model.checkpoint import Checkpoint
from core.model.featurizer import Featurizer
from core.model.fields import NUMBER_INDEX
from core.model.scorer import SessionScorer
from tests.core.model.conftest import make_checkpoint
from tests.core.model.shop import Shop, make_shop


@pytest.fixture(scope="module")
def shop() -> Shop:
    return make_shop()


@pytest.fixture(scope="module")
def scorer(shop: Shop) -> SessionScorer:
    return SessionScorer(make_checkpoint(shop))


def _blind(shop: Shop, field: str) -> Checkpoint:
    """A model that must not read a field."""
    return replace(make_checkpoint(shop), featurizer=Featurizer.fit(shop.events, shop.items, (field,)))


def _rows(scorer: SessionScorer, shop: Shop, sweep: Sweep) -> pd.DataFrame:
    return pd.concat([rows for _, rows in swept(scorer, sweep, shop.events, shop.items, None)], ignore_index=True)


def _sweep(shop: Shop, feature: str, wanted: int = 24) -> Sweep:
    return {sweep.feature: sweep for sweep in plan_sweeps(shop.events, shop.items, wanted, seed=0)}[feature]


def _answers(rows: pd.DataFrame) -> np.ndarray:
    return rows[[name for name in rows if str(name).startswith("intent:")]].to_numpy()


def test_own_numbers_are_of_the_event_else_of_its_item_and_pauses_know_their_session(shop: Shop) -> None:
    events = shop.events.copy()
    with_item = events.index[events["item_id"].notna()][0]
    events.loc[with_item, "price"] = 12.5
    values = own_values(events, shop.items)
    assert values.loc[with_item, "price"] == 12.5
    assert values["price"].isna()[events["item_id"].isna()].all()
    first_of_visitor = ~events["visitor_id"].duplicated()
    first_of_session = ~events["session_id"].duplicated()
    assert values["pause"].notna().equals(~first_of_session)
    assert values["absence"].notna().equals(first_of_session & ~first_of_visitor)
    assert values["absence"].min() > 3600 > values["pause"].max()


def test_the_grid_keeps_within_the_middle_98_percent() -> None:
    own = np.random.default_rng(0).lognormal(3, 1, 5000)
    grid = grid_of(own)
    assert len(grid) == GRID_POINTS
    assert (np.diff(grid) > 0).all()
    assert grid[0] == pytest.approx(np.quantile(own, 0.01))
    assert grid[-1] == pytest.approx(np.quantile(own, 0.99))
    assert grid_of(np.array([5.0, 5.0, 5.0])).tolist() == [5.0]
    assert grid_of(np.array([0.0, 0.2, 50.0]), least=1.0)[0] == 1.0
    assert len(grid_of(np.zeros(0))) == 0


@pytest.mark.parametrize("feature", ["price", "pause", "absence"])
def test_at_its_own_number_a_prefix_has_the_models_own_answer(scorer: SessionScorer, shop: Shop, feature: str) -> None:
    """The whole stream scored at once knows nothing of sweeps, caches or steps."""
    sweep = _sweep(shop, feature)
    said = scorer.score(shop.events, shop.items)
    for row, event in sweep.events.head(6).iterrows():
        alone = Sweep(sweep.feature, sweep.events.loc[[row]], np.array([event["own"]]))
        np.testing.assert_allclose(_answers(_rows(scorer, shop, alone))[0], said[row], atol=2e-5)


def test_a_swept_price_answers_as_an_event_with_that_price_would(scorer: SessionScorer, shop: Shop) -> None:
    sweep = _sweep(shop, "price", 12)
    rows = _rows(scorer, shop, sweep)
    for price, of_price in rows.groupby("value"):
        for end, swept_answer in zip(of_price["event_id"], _answers(of_price), strict=True):
            events = shop.events.copy()
            row = events.index[events["event_id"] == end][0]
            events.loc[row, "price"] = price
            visitor = events[events["visitor_id"] == events.loc[row, "visitor_id"]].loc[:row]
            np.testing.assert_allclose(scorer.score_ends(visitor, shop.items)[0], swept_answer, atol=2e-5)


def test_a_swept_pause_answers_as_an_earlier_beginning_would(shop: Shop) -> None:
    """Without the time of day, a pause is all that changes when all earlier events were earlier."""
    scorer = SessionScorer(_blind(shop, "time_of_day"))
    sweep = _sweep(shop, "pause", 12)
    rows = _rows(scorer, shop, Sweep("pause", sweep.events.head(4), np.array([2.0, 600.0])))
    for row, end in sweep.events.head(4).iterrows():
        for pause in (2.0, 600.0):
            visitor = shop.events[shop.events["visitor_id"] == end["visitor_id"]].loc[:row].copy()
            earlier = pd.Timedelta(seconds=end["own"] - pause)
            visitor.loc[visitor.index[:-1], "occurred_at"] += earlier
            expected = scorer.score_ends(visitor, shop.items)[0]
            found = rows[(rows["event_id"] == end["event_id"]) & (rows["value"] == pause)]
            np.testing.assert_allclose(_answers(found)[0], expected, atol=2e-5)


def test_a_model_that_does_not_read_prices_has_a_flat_line(shop: Shop) -> None:
    scorer = SessionScorer(_blind(shop, "price"))
    dependence = Dependence(_rows(scorer, shop, _sweep(shop, "price")))
    for intent in dependence.intents:
        swing = dependence.swing("price", intent)
        assert swing.most == pytest.approx(0, abs=1e-6)
        assert swing.is_flat
        curve = dependence.curve("price", intent)
        assert np.ptp(curve["upper"]) == pytest.approx(0, abs=1e-7)


def test_a_planted_dependence_is_found_and_none_where_there_is_none(shop: Shop) -> None:
    scorer = SessionScorer(_reads_prices_alone(make_checkpoint(shop)))
    dependence = Dependence(_rows(scorer, shop, _sweep(shop, "price", 40)))
    steepest = max(dependence.intents, key=lambda intent: dependence.swing("price", intent).most)
    swing = dependence.swing("price", steepest)
    assert not swing.is_flat
    assert swing.low <= swing.last - swing.first <= swing.high
    curve = dependence.curve("price", steepest)
    assert (curve["low"] <= curve["mean"]).all()
    assert (curve["mean"] <= curve["high"]).all()
    assert (curve["lower"] <= curve["upper"]).all()
    assert curve["n"].unique().tolist() == [len(_sweep(shop, "price", 40).events)]
    pauses = Dependence(_rows(scorer, shop, _sweep(shop, "pause", 40)))
    assert all(pauses.swing("pause", intent).is_flat for intent in pauses.intents)


def _reads_prices_alone(checkpoint: Checkpoint) -> Checkpoint:
    """Its pauses say nothing any more, and its prices shout."""
    encoder = checkpoint.model.event_encoder
    with torch.no_grad():
        encoder.numbers[NUMBER_INDEX["gap"]].weight.zero_()
        encoder.numbers[NUMBER_INDEX["price"]].weight.mul_(200)
    return checkpoint


def test_prices_in_other_currencies_are_left_out(shop: Shop) -> None:
    items = shop.items.copy()
    items.loc[items.index[:5], "currency"] = "USD"
    assert usual_currency_of(shop.events, items) == "CNY"
    sweep = {one.feature: one for one in plan_sweeps(shop.events, items, 500, seed=0)}["price"]
    dollars = set(items["item_id"][:5])
    ends = shop.events.set_index("event_id").loc[sweep.events["event_id"]]
    assert not dollars & set(ends["item_id"])
    assert ends["session_id"].is_unique


def test_too_few_or_equal_numbers_are_not_swept(shop: Shop) -> None:
    one_price = shop.items.assign(price=9.0)
    assert [sweep.feature for sweep in plan_sweeps(shop.events, one_price, 50, seed=0)] == ["pause", "absence"]
    assert list(plan_sweeps(shop.events.head(3), shop.items, 50, seed=0)) == []
    assert list(plan_sweeps(shop.events, shop.items, 0, seed=0)) == []


def test_curves_draw_whole_visitors_and_the_rug_stays_within_the_grid() -> None:
    heavy = [("a", f"e{n}", 5.0, 0.9) for n in range(98)] + [("b", "x", 5.0, 0.1), ("c", "y", 70.0, 0.1)]
    rows = pd.DataFrame(
        [(v, e, own, value, said) for v, e, own, said in heavy for value in (1.0, 10.0)],
        columns=["visitor_id", "event_id", "own", "value", "intent:deal"],
    ).assign(feature="price")
    dependence = Dependence(rows, "CNY")
    curve = dependence.curve("price", "deal")
    assert curve["mean"].tolist() == pytest.approx([0.884, 0.884])
    assert curve["low"].iloc[0] == pytest.approx(0.1)
    assert curve["visitors"].tolist() == [3, 3]
    centred = dependence.curve("price", "deal", centred=True)
    assert centred[["mean", "low", "high"]].to_numpy().ravel().tolist() == [0.0] * 6
    assert len(dependence.own("price")) == 99
    assert dependence.features == ["price"]
    told = dependence.to_dict()
    assert told["currency"] == "CNY"
    assert told["curves"]["price"]["deal"][0]["n"] == 100


def test_nothing_swept_says_so() -> None:
    nothing = Dependence()
    assert nothing.features == []
    assert nothing.to_dict() == {"currency": None, "curves": {}}
