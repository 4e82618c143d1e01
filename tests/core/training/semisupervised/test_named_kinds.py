"""A few labels name the kinds of behaviour, and a teacher that begins there needs fewer of them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from core.training import kinds_of_sessions
from core.training.kinds_of_sessions import KINDS_FILE, kinds_for_few, read_kinds
from core.training.labels import Labels, read_labels
from core.training.prepared import PreparedEvents
from core.training.pretrain import new_checkpoint
from core.training.semisupervised.named_kinds import SessionKinds
from core.training.semisupervised.teacher import Teacher
from core.training.snapshot import TrainingSnapshot, read_snapshot
from tests.core.model.shop import INTENTS, Shop, make_shop
from tests.core.training.support import session_annotations, write_snapshot

SESSION = np.repeat(np.arange(6), 2)
"""Six sessions of two events."""

KINDS = SessionKinds(np.arange(1, 12, 2), np.eye(3, dtype=np.float32)[[0, 0, 1, 1, 2, 2]] * 0.97 + 0.01)


def _labels(said: dict[int, int]) -> Labels:
    """Intents by row, of two."""
    rows = np.array(sorted(said))
    targets = np.eye(2, dtype=np.float32)[[said[row] for row in rows]]
    every = np.ones(len(rows), dtype=bool)
    return Labels(("a", "b"), rows, targets, every.astype(np.float32), every, SESSION[rows])


def test_sessions_of_a_kind_are_named_by_its_labels_and_an_unlabeled_kind_as_all_are() -> None:
    chances = torch.softmax(KINDS.named(_labels({1: 0, 5: 1}), SESSION), dim=-1).numpy()
    assert (chances[:2, 0] > 0.7).all()
    assert (chances[2:4, 1] > 0.7).all()
    np.testing.assert_allclose(chances[4:], 0.5, atol=0.02)


def test_a_session_labeled_event_by_event_counts_once() -> None:
    once, twice = (KINDS.named(_labels(said), SESSION) for said in ({1: 0, 3: 1}, {0: 0, 1: 0, 3: 1}))
    torch.testing.assert_close(once, twice)


def test_labels_of_sessions_without_a_kind_name_none() -> None:
    late = SessionKinds(KINDS.rows[:2], KINDS.beliefs[:2])
    chances = torch.softmax(late.named(_labels({9: 0, 11: 1}), SESSION), dim=-1)
    torch.testing.assert_close(chances, torch.full((2, 2), 0.5))


@pytest.fixture(scope="module")
def shop() -> Shop:
    return make_shop(visitors=80)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory, shop: Shop) -> TrainingSnapshot:
    folder = tmp_path_factory.mktemp("named")
    few = session_annotations(shop, 80).sample(80, random_state=3).groupby("intent").head(2)
    return read_snapshot(write_snapshot(folder / "snapshot", shop, few))


def _kinds_file(folder: Path, shop: Shop, sureness: float) -> None:
    """A kind each for every intent, a tenth of the sessions in a wrong one; of all but the first session."""
    ends = ~shop.events["session_id"].duplicated(keep="last").to_numpy()
    kind = np.array([INTENTS.index(intent) for intent in shop.truth])[ends]
    wrong = np.random.default_rng(0).random(len(kind)) < 0.1
    kind[wrong] = (kind[wrong] + 1) % 3
    frame = pd.DataFrame({"session_id": shop.events["session_id"].to_numpy()[ends], "kind": kind, "sureness": sureness})
    frame.iloc[1:].to_parquet(folder / KINDS_FILE)


def test_kinds_are_read_at_the_last_events_of_sessions(snapshot: TrainingSnapshot, shop: Shop, tmp_path: Path) -> None:
    assert read_kinds(tmp_path, snapshot.events) is None
    _kinds_file(tmp_path, shop, 0.8)
    kinds = read_kinds(tmp_path, snapshot.events)
    assert kinds is not None
    assert len(kinds.rows) == snapshot.events["session_id"].nunique() - 1
    np.testing.assert_allclose(kinds.beliefs.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(
        np.sort(kinds.beliefs, axis=1), np.tile([0.1, 0.1, 0.8], (len(kinds.rows), 1)), atol=1e-6
    )
    after = snapshot.events["session_id"].to_numpy()[np.minimum(kinds.rows + 1, len(snapshot.events) - 1)]
    own = snapshot.events["session_id"].to_numpy()[kinds.rows]
    assert ((after != own) | (kinds.rows == len(snapshot.events) - 1)).all()
    assert read_kinds(tmp_path, snapshot.events.assign(session_id="new")) is None


def _accuracy(taught: Labels, shop: Shop, snapshot: TrainingSnapshot) -> float:
    truth = dict(zip(shop.events["event_id"], shop.truth, strict=True))
    names = snapshot.events["event_id"].to_numpy(dtype=object)[taught.rows]
    return float((np.array([truth[name] for name in names]) == np.array(taught.intents)[taught.answers()]).mean())


def test_a_teacher_that_begins_at_kinds_is_right_more_often_after_six_labels(
    snapshot: TrainingSnapshot, shop: Shop, tmp_path: Path
) -> None:
    prepared = PreparedEvents(new_checkpoint(snapshot, "tiny", seed=0), snapshot)
    labels = read_labels(snapshot.annotations, snapshot.events, snapshot.taxonomy, earlier_event_weight=0.5)
    _kinds_file(tmp_path, shop, 0.8)
    kinds = read_kinds(tmp_path, snapshot.events)
    alone = Teacher(prepared, seed=0).teach(labels)
    led = Teacher(prepared, seed=0, kinds=kinds).teach(labels)
    assert _accuracy(led, shop, snapshot) > max(0.93, 0.05 + _accuracy(alone, shop, snapshot))


def test_kinds_are_for_few_labels(
    snapshot: TrainingSnapshot, shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = read_labels(snapshot.annotations, snapshot.events, snapshot.taxonomy, earlier_event_weight=0.5)
    _kinds_file(tmp_path, shop, 0.8)
    assert kinds_for_few(labels, None, snapshot.events) is None
    assert kinds_for_few(labels, tmp_path, snapshot.events) is not None
    monkeypatch.setattr(kinds_of_sessions, "FEW_LABELS", len(snapshot.annotations))
    assert kinds_for_few(labels, tmp_path, snapshot.events) is None
