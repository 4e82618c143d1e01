"""The sample shop: repeatable, realistic in the large, hard in the small, and its Bayes filter is exact."""

import itertools

import numpy as np
import pandas as pd
import pytest

from core.events.synthetic import sample_folder
from core.events.synthetic.bayes_filter import bayes_filter
from core.events.synthetic.behavior import INTENTS
from core.events.synthetic.shop import Shop, generate_shop
from core.training.metrics import expected_calibration_error, macro_f1


@pytest.fixture(scope="module")
def shop() -> Shop:
    return generate_shop(seed=3, sessions=1200)


def _truth(shop: Shop) -> tuple[np.ndarray, np.ndarray]:
    frame = shop.truth.to_pandas()
    answers = frame["intent"].map({intent: place for place, intent in enumerate(INTENTS)}).to_numpy()
    return answers, frame[[f"p_{intent}" for intent in INTENTS]].to_numpy()


def test_the_filter_equals_enumeration_over_all_paths() -> None:
    random = np.random.default_rng(0)
    start, moves = random.dirichlet(np.ones(3)), random.dirichlet(np.ones(3), size=3)
    seen = random.uniform(0.1, 1, size=(4, 3))
    posterior = bayes_filter(np.log(start), np.log(moves), np.log(seen))
    for step in range(4):
        weights = np.zeros(3)
        for path in itertools.product(range(3), repeat=step + 1):
            chance = start[path[0]] * seen[0, path[0]]
            for at in range(1, step + 1):
                chance *= moves[path[at - 1], path[at]] * seen[at, path[at]]
            weights[path[-1]] += chance
        np.testing.assert_allclose(posterior[step], weights / weights.sum(), rtol=1e-12)


def test_the_filter_is_calibrated_so_it_knows_all_there_is_to_know(shop: Shop) -> None:
    answers, posterior = _truth(shop)
    assert expected_calibration_error(answers, posterior) < 0.02


def test_the_shop_is_hard(shop: Shop) -> None:
    answers, posterior = _truth(shop)
    assert 0.66 < macro_f1(answers, posterior) < 0.80


def test_the_shop_is_realistic_in_the_large(shop: Shop) -> None:
    events = shop.events.to_pandas()
    lengths = events.groupby("session_id").size()
    kinds = events.groupby("session_id")["event_type"]
    assert 5 <= lengths.median() <= 7
    assert lengths.max() > 40
    assert 0.01 < kinds.apply(lambda types: (types == "purchase").any()).mean() < 0.045
    assert 0.06 < kinds.apply(lambda types: (types == "add_to_cart").any()).mean() < 0.13


def test_a_purchase_follows_a_checkout_and_a_checkout_a_filled_cart(shop: Shop) -> None:
    events = shop.events.to_pandas()
    before = events.groupby("session_id")["event_type"].shift(1)
    assert (before[events["event_type"] == "purchase"] == "checkout").all()
    carted = events["event_type"].eq("add_to_cart").groupby(events["session_id"]).cumsum()
    assert (carted[events["event_type"] == "checkout"] > 0).all()


def test_the_same_seed_gives_the_same_shop() -> None:
    first, second = generate_shop(seed=5, sessions=40), generate_shop(seed=5, sessions=40)
    assert first.events.equals(second.events)
    assert first.pictures.equals(second.pictures)
    assert not first.events.equals(generate_shop(seed=6, sessions=40).events)


def test_the_committed_shop_is_small_and_carries_no_truth() -> None:
    files = [path for path in sample_folder().rglob("*") if path.is_file() and "screenshots" not in path.parts]
    models = sum(path.stat().st_size for path in files if "model" in path.parts)
    assert models <= 8 * 2**20
    assert sum(path.stat().st_size for path in files) - models <= 6 * 2**20
    columns = pd.read_parquet(sample_folder() / "events.parquet").columns
    assert not [name for name in columns if "intent" in name]
