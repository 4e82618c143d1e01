"""Fine-tuning learns a planted rule, not noise; repeats itself; says what is wrong."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from core.errors import BrokenCheckpointError, JobStoppedError, TooFewLabelsError
from core.model.checkpoint import load_checkpoint
from core.model.scorer import SessionScorer
from core.training import finetune, pretrain, scoring
from core.training.prepared import PreparedEvents
from core.training.snapshot import read_snapshot
from core.training.trace import load_weights, read_taught, read_trace
from tests.core.model.shop import INTENTS, Shop, make_shop
from tests.core.training.support import Context, Spec, session_annotations, write_snapshot

ARGUMENTS = {"size": "tiny"}
SESSIONS = 120


@pytest.fixture(scope="module")
def shop() -> Shop:
    return make_shop(visitors=160)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory, shop: Shop) -> Path:
    return write_snapshot(
        tmp_path_factory.mktemp("finetune") / "snapshot", shop, session_annotations(shop, SESSIONS, annotators=2)
    )


@pytest.fixture(scope="module")
def pretrained(tmp_path_factory: pytest.TempPathFactory, snapshot: Path) -> Path:
    folder = tmp_path_factory.mktemp("pretrained")
    pretrain.run(Context(Spec(snapshot, folder, {"size": "tiny", "epochs": 12, "batch_events": 256})))
    return folder


@pytest.fixture(scope="module")
def finetuned(tmp_path_factory: pytest.TempPathFactory, snapshot: Path, pretrained: Path) -> Path:
    folder = tmp_path_factory.mktemp("finetuned")
    finetune.run(Context(Spec(snapshot, folder, ARGUMENTS, base_model=pretrained)))
    return folder


def _unlabeled_last_events(shop: Shop) -> np.ndarray:
    labeled = set(session_annotations(shop, SESSIONS)["session_id"])
    last = ~shop.events["session_id"].duplicated(keep="last")
    return np.flatnonzero(last & ~shop.events["session_id"].isin(labeled))


def _accuracy(folder: Path, shop: Shop) -> float:
    scorer = SessionScorer.load(folder)
    rows = _unlabeled_last_events(shop)
    guessed = np.array(scorer.intents)[scorer.score(shop.events, shop.items)[rows].argmax(axis=1)]
    return float((guessed == shop.truth[rows]).mean())


def test_a_planted_rule_is_learned(finetuned: Path, shop: Shop) -> None:
    assert _accuracy(finetuned, shop) > 0.9, "one in three is chance"


def test_noise_is_not_learned(tmp_path: Path) -> None:
    noise = make_shop(seed=5, visitors=160, informative=False)
    snapshot = write_snapshot(tmp_path / "snapshot", noise, session_annotations(noise, SESSIONS))
    finetune.run(Context(Spec(snapshot, tmp_path / "model", ARGUMENTS)))
    assert _accuracy(tmp_path / "model", noise) < 0.5
    probabilities = SessionScorer.load(tmp_path / "model").score(noise.events, noise.items)
    assert float(probabilities.max(axis=1).mean()) < 0.7, "nothing is to be known, so the model must not be sure"


def test_the_card_tells_labels_metrics_and_parent(finetuned: Path, pretrained: Path) -> None:
    card = json.loads((finetuned / "card.json").read_text())
    assert card["kind"] == "finetuned"
    assert card["intents"] == list(INTENTS)
    assert card["parent"] == load_checkpoint(pretrained).card["model_id"]
    assert card["labels"] == SESSIONS
    assert set(card["baselines"]) == {"base_rate", "kgram", "trees"}
    assert card["metrics"]["macro_f1"] > card["baselines"]["base_rate"]["macro_f1"]
    assert card["temperature"] > 0
    assert card["abstain_below"] == 0.0, "without a wanted accuracy every answer is given"


def test_the_mean_event_is_the_finetuned_models_own(finetuned: Path, snapshot: Path) -> None:
    checkpoint = load_checkpoint(finetuned)
    own = PreparedEvents(checkpoint, read_snapshot(snapshot)).mean_event(checkpoint, seed=0)
    baseline = SessionScorer.load(finetuned).mean_event_baseline()
    assert baseline.shape[0] == 13
    np.testing.assert_allclose(baseline.numpy(), own.numpy(), atol=1e-6)


def test_the_labels_as_taught_and_states_on_the_way_are_kept(finetuned: Path, shop: Shop) -> None:
    taught, traced = read_taught(finetuned), read_trace(finetuned)
    assert taught is not None
    assert traced is not None
    ends = taught[taught["decisive"]]
    assert set(ends["session_id"]) == set(session_annotations(shop, SESSIONS)["session_id"])
    model = SessionScorer.load(finetuned)
    truth = dict(zip(shop.events["event_id"], shop.truth, strict=True))
    said = [model.intents[int(np.argmax(target))] for target in ends["targets"]]
    assert said == [truth[event] for event in ends["event_id"]]
    assert len(traced.checkpoints) == len(traced.learning_rates) - 1
    assert all(rate > 0 for rate in traced.learning_rates)
    delivered = model.model.state_dict()
    for path in traced.checkpoints:
        weights = load_weights(path)
        assert set(weights) <= set(delivered)
        assert not torch.equal(weights["intent_head.output.weight"], delivered["intent_head.output.weight"])


def test_the_same_seed_gives_the_same_answers(
    finetuned: Path, snapshot: Path, pretrained: Path, tmp_path: Path, shop: Shop
) -> None:
    finetune.run(Context(Spec(snapshot, tmp_path, ARGUMENTS, base_model=pretrained)))
    one, two = (SessionScorer.load(folder).score(shop.events, shop.items) for folder in (finetuned, tmp_path))
    np.testing.assert_array_equal(one, two)


def test_the_head_alone_leaves_the_rest_as_pretrained(snapshot: Path, pretrained: Path, tmp_path: Path) -> None:
    finetune.run(Context(Spec(snapshot, tmp_path, ARGUMENTS | {"recipe": "head"}, base_model=pretrained)))
    before, after = (load_checkpoint(folder).model.state_dict() for folder in (pretrained, tmp_path))
    assert all(np.array_equal(before[name], after[name]) for name in before if name.startswith("backbone"))


def test_ten_labels_are_enough_to_train(shop: Shop, pretrained: Path, tmp_path: Path) -> None:
    snapshot = write_snapshot(tmp_path / "snapshot", shop, session_annotations(shop, 10))
    result = finetune.run(Context(Spec(snapshot, tmp_path / "model", ARGUMENTS, base_model=pretrained)))
    assert result["labels"] == 10


def test_too_few_labels_are_refused_with_advice(shop: Shop, pretrained: Path, tmp_path: Path) -> None:
    snapshot = write_snapshot(tmp_path / "snapshot", shop, session_annotations(shop, 1))
    with pytest.raises(TooFewLabelsError, match="label"):
        finetune.run(Context(Spec(snapshot, tmp_path / "model", ARGUMENTS, base_model=pretrained)))


def test_a_stop_is_heeded(snapshot: Path, pretrained: Path, tmp_path: Path) -> None:
    with pytest.raises(JobStoppedError):
        finetune.run(Context(Spec(snapshot, tmp_path, ARGUMENTS, base_model=pretrained), stop_after=3))


def test_a_broken_base_model_is_named(snapshot: Path, tmp_path: Path) -> None:
    with pytest.raises(BrokenCheckpointError, match="nowhere"):
        finetune.run(Context(Spec(snapshot, tmp_path, ARGUMENTS, base_model=tmp_path / "nowhere")))


def test_scoring_writes_every_events_probabilities(snapshot: Path, finetuned: Path, tmp_path: Path, shop: Shop) -> None:
    context = Context(Spec(snapshot, tmp_path, base_model=finetuned))
    result = scoring.run(context)
    frame = pd.read_parquet(tmp_path / scoring.PREDICTIONS_FILE)
    assert result["events"] == len(frame) == len(shop.events)
    assert list(frame["event_id"]) == list(shop.events["event_id"])
    wide = frame[[f"p_{intent}" for intent in INTENTS]].to_numpy()
    np.testing.assert_array_equal(np.stack(frame["probabilities"].to_list()), wide)
    np.testing.assert_allclose(wide.sum(axis=1), 1.0, atol=1e-5)
    assert context.reports[-1][1] == context.reports[-1][2]
