"""Continuing a model: today's labels are learned, yesterday's intents are kept, new intents get room."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from core.errors import InvalidSettingError, NoModelError, TooFewLabelsError
from core.model.checkpoint import load_checkpoint
from core.model.scorer import SessionScorer
from core.training import finetune, pretrain
from core.training.continual import job
from core.training.continual.arguments import ContinueArguments
from core.training.continual.replay import stratified
from core.training.continual.widening import union, widened
from core.training.labels import read_labels
from core.training.snapshot import read_snapshot
from tests.core.model.shop import INTENTS, Shop, make_shop
from tests.core.training.support import Context, Spec, session_annotations, write_snapshot

YESTERDAY, TODAY = pd.Timestamp("2026-06-01"), pd.Timestamp("2026-06-03")
BETWEEN = "2026-06-02T00:00:00"
EARLY_INTENTS = ("browse", "purchase")
SETTINGS = {"since": BETWEEN}
FULL = {"recipe": "full", "epochs": 6, "since": BETWEEN}


@pytest.fixture(scope="module")
def shop() -> Shop:
    return make_shop(visitors=160)


def _annotations(shop: Shop) -> pd.DataFrame:
    """Yesterday 60 sessions of two intents, today 40 of the third alone and a few of the first."""
    every = session_annotations(shop, 10_000)
    early = every[every["intent"].isin(EARLY_INTENTS)]
    yesterday, rest = early.head(60), early.iloc[60:]
    today = pd.concat([every[every["intent"] == "support"].head(40), rest[rest["intent"] == "browse"].head(5)])
    return pd.concat([yesterday.assign(created_at=YESTERDAY), today.assign(created_at=TODAY)], ignore_index=True)


@pytest.fixture(scope="module")
def snapshots(tmp_path_factory: pytest.TempPathFactory, shop: Shop) -> dict[str, Path]:
    folder, annotations = tmp_path_factory.mktemp("continual"), _annotations(shop)
    parts = {
        "yesterday": annotations[annotations["created_at"] == YESTERDAY],
        "today": annotations[annotations["created_at"] == TODAY],
        "all": annotations,
    }
    return {name: write_snapshot(folder / name, shop, part) for name, part in parts.items()}


@pytest.fixture(scope="module")
def pretrained(tmp_path_factory: pytest.TempPathFactory, snapshots: dict[str, Path]) -> Path:
    folder = tmp_path_factory.mktemp("pretrained")
    pretrain.run(Context(Spec(snapshots["all"], folder, {"size": "tiny", "epochs": 6, "batch_events": 256})))
    return folder


@pytest.fixture(scope="module")
def yesterday(tmp_path_factory: pytest.TempPathFactory, snapshots: dict[str, Path], pretrained: Path) -> Path:
    folder = tmp_path_factory.mktemp("yesterday")
    finetune.run(Context(Spec(snapshots["yesterday"], folder, {"size": "tiny"}, base_model=pretrained)))
    return folder


@pytest.fixture(scope="module", params=[SETTINGS, FULL], ids=["head", "full"])
def settings(request: pytest.FixtureRequest) -> dict[str, object]:
    found: dict[str, object] = request.param
    return found


@pytest.fixture(scope="module")
def continued(
    tmp_path_factory: pytest.TempPathFactory, snapshots: dict[str, Path], yesterday: Path, settings: dict[str, object]
) -> Path:
    folder = tmp_path_factory.mktemp("continued")
    job.run(Context(Spec(snapshots["all"], folder, settings, base_model=yesterday)))
    return folder


def _recall(folder: Path, shop: Shop, intents: tuple[str, ...]) -> float:
    """Mean share of sessions nobody labelled, of these intents, that are recognised at their last event."""
    scorer = SessionScorer.load(folder)
    labelled = set(_annotations(shop)["session_id"])
    last = ~shop.events["session_id"].duplicated(keep="last") & ~shop.events["session_id"].isin(labelled)
    guessed = np.array(scorer.intents)[scorer.score(shop.events, shop.items).argmax(axis=1)]
    shares = [(guessed == shop.truth)[last & (shop.truth == intent)] for intent in intents]
    return float(np.mean([share.mean() for share in shares if len(share)]))


@pytest.mark.slow
def test_a_new_intent_is_learned_and_the_old_ones_are_kept_where_plain_finetuning_forgets(
    continued: Path, yesterday: Path, snapshots: dict[str, Path], shop: Shop, tmp_path: Path
) -> None:
    finetune.run(Context(Spec(snapshots["today"], tmp_path, {"size": "tiny"}, base_model=yesterday)))
    assert SessionScorer.load(continued).intents == INTENTS
    assert _recall(continued, shop, ("support",)) > 0.7
    kept, forgotten = (_recall(folder, shop, ("purchase",)) for folder in (continued, tmp_path))
    assert kept > forgotten + 0.3
    assert kept > _recall(yesterday, shop, ("purchase",)) - 0.15


def test_the_card_tells_what_was_new_what_was_replayed_and_from_which_model(continued: Path, yesterday: Path) -> None:
    card = json.loads((continued / "card.json").read_text())
    assert (card["kind"], card["parent"]) == ("finetuned", load_checkpoint(yesterday).card["model_id"])
    assert (card["labels"], card["new_labels"], card["replayed"]) == (105, 45, 60)
    assert card["recipe"]["distillation"] == 1.0
    assert set(card["baselines"]) == {"base_rate", "kgram", "trees"}


def test_the_same_seed_gives_the_same_weights(
    continued: Path, yesterday: Path, snapshots: dict[str, Path], settings: dict[str, object], tmp_path: Path
) -> None:
    job.run(Context(Spec(snapshots["all"], tmp_path, settings, base_model=yesterday)))
    one, two = (load_checkpoint(folder).model.state_dict() for folder in (continued, tmp_path))
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_a_widened_head_answers_as_before_and_doubts_the_new_intent(yesterday: Path, shop: Shop) -> None:
    base = load_checkpoint(yesterday)
    wide = widened(base, INTENTS)
    before = SessionScorer(base).score(shop.events, shop.items)
    after = SessionScorer(wide).score(shop.events, shop.items)
    known = after[:, [INTENTS.index(intent) for intent in base.intents]]
    np.testing.assert_allclose(known / known.sum(axis=1, keepdims=True), before, atol=1e-5)
    assert after[:, INTENTS.index("support")].mean() < 0.3


def test_intents_keep_the_taxonomys_order_and_a_retired_one_stays() -> None:
    assert union(("a", "b", "c"), ("c", "old"), ("b",)) == ("b", "c", "old")


def test_replay_takes_so_many_sessions_of_each_intent(snapshots: dict[str, Path]) -> None:
    snapshot = read_snapshot(snapshots["yesterday"])
    labels = read_labels(snapshot.annotations, snapshot.events, snapshot.taxonomy, earlier_event_weight=0.5)
    few = stratified(labels, 7, seed=1)
    sessions = [len(np.unique(few.sessions[few.answers() == intent])) for intent in range(2)]
    assert sessions == [7, 7]
    assert np.array_equal(few.rows, stratified(labels, 7, seed=1).rows)


def test_what_cannot_be_continued_is_said(
    snapshots: dict[str, Path], yesterday: Path, pretrained: Path, tmp_path: Path
) -> None:
    with pytest.raises(NoModelError, match="fine-tune one first"):
        job.run(Context(Spec(snapshots["all"], tmp_path, SETTINGS, base_model=pretrained)))
    later = SETTINGS | {"since": "2026-06-05T00:00:00"}
    with pytest.raises(TooFewLabelsError, match="No session was labelled since 2026-06-05"):
        job.run(Context(Spec(snapshots["all"], tmp_path, later, base_model=yesterday)))
    with pytest.raises(InvalidSettingError, match="'soon'"):
        job.run(Context(Spec(snapshots["all"], tmp_path, SETTINGS | {"since": "soon"}, base_model=yesterday)))
    with pytest.raises(InvalidSettingError, match="replay"):
        ContinueArguments(replay=-1)
    with pytest.raises(InvalidSettingError, match="'lora'"):
        ContinueArguments(recipe="lora")
