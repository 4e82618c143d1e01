"""The purchase job learns a planted rule, not noise; nothing of the future or of the order reaches its input."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.errors import BrokenCheckpointError, JobStoppedError, TooFewLabelsError
from core.model.purchase_head import HEAD_FILE
from core.model.purchase_scorer import PurchaseScorer
from core.training import pretrain
from core.training.purchase import job
from tests.core.model.shop import Shop, make_shop
from tests.core.training.purchase.shops import buying_shop
from tests.core.training.support import Context, Spec, session_annotations, write_snapshot

ARGUMENTS = {"size": "tiny", "batch_events": 256, "epochs": 4, "learning_rate": 4e-3}


@pytest.fixture(scope="module")
def shop() -> Shop:
    return buying_shop(visitors=120)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory, shop: Shop) -> Path:
    return write_snapshot(tmp_path_factory.mktemp("purchase") / "snapshot", shop, _no_labels())


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, snapshot: Path) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    job.run(Context(Spec(snapshot, folder, ARGUMENTS)))
    return folder


@pytest.fixture(scope="module")
def scorer(trained: Path) -> PurchaseScorer:
    return PurchaseScorer.load(trained)


def _no_labels() -> pd.DataFrame:
    return session_annotations(make_shop(visitors=3), 0)


def _at(card: dict, kind: str, at: float) -> dict:
    return next(row for row in card["metrics"]["table"] if (row["kind"], row["at"]) == (kind, at))


def test_a_planted_rule_is_learned_and_measured_beside_trees(trained: Path) -> None:
    card = json.loads((trained / "card.json").read_text())
    assert (card["kind"], card["target"], card["intents"]) == ("purchase", "purchase", [])
    half = _at(card, "share", 0.5)
    assert half["model"]["auroc"] > 0.85
    assert half["model"]["pr_auc"] > half["base_rate"] + 0.2
    assert half["trees"]["auroc"] > 0.8
    assert sum(card["metrics"]["parts"].values()) == card["metrics"]["sessions"]
    assert card["metrics"]["calibration"]["ece"] < 0.15


def test_noise_is_not_learned(tmp_path: Path) -> None:
    snapshot = write_snapshot(tmp_path / "snapshot", buying_shop(seed=3, visitors=100, informative=False), _no_labels())
    metrics = job.run(Context(Spec(snapshot, tmp_path / "model", ARGUMENTS | {"epochs": 1})))["metrics"]
    row = next(row for row in metrics["table"] if row["kind"] == "events" and row["at"] == 1)
    assert 0.3 < row["model"]["auroc"] < 0.7


def test_the_same_seed_gives_the_same_figures(trained: Path, snapshot: Path, tmp_path: Path) -> None:
    again = job.run(Context(Spec(snapshot, tmp_path, ARGUMENTS)))
    assert again["metrics"] == json.loads((trained / "card.json").read_text())["metrics"]


def test_nothing_after_an_event_changes_its_probability(scorer: PurchaseScorer, shop: Shop) -> None:
    visitor = _longest_visitor(shop)
    before = scorer.score(visitor, shop.items)
    for k in range(1, len(visitor) - 1):
        if visitor["event_type"].iloc[k] == "purchase":
            continue
        changed = visitor.copy()
        later = changed.index[k + 1 :]
        changed.loc[later, "event_type"] = "message"
        changed.loc[later, ["query", "text"]] = "something else"
        changed.loc[later, "item_id"] = "i7"
        changed.loc[later, "position"] = 3
        changed.loc[later, "occurred_at"] += pd.Timedelta(hours=5)
        after = scorer.score(changed, shop.items)
        same = ~np.isnan(before[: k + 1])
        np.testing.assert_allclose(after[: k + 1][same], before[: k + 1][same], atol=1e-5)


def test_a_session_cut_short_has_the_same_probabilities_so_far(scorer: PurchaseScorer, shop: Shop) -> None:
    visitor = _longest_visitor(shop)
    whole = scorer.score(visitor, shop.items)
    for k in range(1, len(visitor)):
        np.testing.assert_allclose(scorer.score(visitor.iloc[:k], shop.items), whole[:k], atol=1e-5)


def test_orders_and_what_follows_them_never_reach_the_input(scorer: PurchaseScorer, shop: Shop) -> None:
    events = shop.events
    orders = events[events["event_type"] == "purchase"].groupby("session_id")["occurred_at"].min()
    from_order = events["occurred_at"] >= events["session_id"].map(orders)
    spoiled = events.copy()
    free = spoiled.index[from_order & (events["event_type"] != "purchase")]
    spoiled.loc[free, "text"] = "thank you for your order"
    spoiled.loc[from_order, "item_id"] = "i3"
    spoiled.loc[from_order, "price"] = 99_999.0
    before, after = scorer.score(events, shop.items), scorer.score(spoiled, shop.items)
    assert np.isnan(before[from_order.to_numpy()]).all()
    assert not np.isnan(before[~from_order.to_numpy()]).any()
    np.testing.assert_array_equal(before, after)
    without = events[~from_order]
    np.testing.assert_allclose(scorer.score(without, shop.items), before[~from_order.to_numpy()], atol=1e-5)


def test_rows_come_back_in_the_order_they_were_given(scorer: PurchaseScorer, shop: Shop) -> None:
    order = np.random.default_rng(0).permutation(len(shop.events))
    shuffled = scorer.score(shop.events.iloc[order], shop.items)
    np.testing.assert_allclose(shuffled, scorer.score(shop.events, shop.items)[order], atol=1e-5)


def test_it_starts_from_the_pretrained_model(snapshot: Path, tmp_path: Path) -> None:
    pretrain.run(Context(Spec(snapshot, tmp_path / "base", {"size": "tiny", "epochs": 1}, run_id="base")))
    spec = Spec(snapshot, tmp_path / "model", ARGUMENTS | {"epochs": 1}, base_model=tmp_path / "base")
    job.run(Context(spec))
    assert PurchaseScorer.load(tmp_path / "model").card["parent"] == "base"


def test_a_shop_without_orders_is_told_so(tmp_path: Path) -> None:
    snapshot = write_snapshot(tmp_path / "snapshot", make_shop(visitors=5), _no_labels())
    with pytest.raises(TooFewLabelsError, match="'purchase'"):
        job.run(Context(Spec(snapshot, tmp_path / "model", ARGUMENTS)))


def test_a_stopped_job_leaves_no_model(snapshot: Path, tmp_path: Path) -> None:
    with pytest.raises(JobStoppedError):
        job.run(Context(Spec(snapshot, tmp_path / "model", ARGUMENTS), stop_after=3))
    assert not (tmp_path / "model").exists()


def test_a_damaged_head_is_told(trained: Path, tmp_path: Path) -> None:
    for path in trained.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / HEAD_FILE).write_bytes(b"nonsense")
    with pytest.raises(BrokenCheckpointError, match=HEAD_FILE):
        PurchaseScorer.load(tmp_path)
    (tmp_path / HEAD_FILE).unlink()
    with pytest.raises(BrokenCheckpointError, match="expected a purchase model"):
        PurchaseScorer.load(tmp_path)


def _longest_visitor(shop: Shop) -> pd.DataFrame:
    visitor = shop.events["visitor_id"].value_counts().index[0]
    return shop.events[shop.events["visitor_id"] == visitor].reset_index(drop=True)
