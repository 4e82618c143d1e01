"""The teacher spreads labels over unlabeled events, and pseudo-labels keep to what is sure."""

import numpy as np
import pytest
import torch

from core.model.checkpoint import Checkpoint
from core.training.labels import Labels, read_labels
from core.training.prepared import PreparedEvents
from core.training.pretrain import new_checkpoint
from core.training.semisupervised import teacher as module
from core.training.semisupervised.hidden_markov import Chains, HiddenMarkov
from core.training.semisupervised.observations import observe
from core.training.semisupervised.pseudo_labels import add_pseudo_labels
from core.training.semisupervised.teacher import Teacher
from core.training.snapshot import TrainingSnapshot, read_snapshot
from tests.core.model.shop import Shop, make_shop
from tests.core.training.support import session_annotations, write_snapshot


@pytest.fixture(scope="module")
def shop() -> Shop:
    return make_shop(visitors=80)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory, shop: Shop) -> TrainingSnapshot:
    folder = tmp_path_factory.mktemp("teacher")
    return read_snapshot(write_snapshot(folder / "snapshot", shop, session_annotations(shop, 30)))


@pytest.fixture(scope="module")
def prepared(snapshot: TrainingSnapshot) -> PreparedEvents:
    checkpoint: Checkpoint = new_checkpoint(snapshot, "tiny", seed=0)
    return PreparedEvents(checkpoint, snapshot)


@pytest.fixture(scope="module")
def labels(snapshot: TrainingSnapshot) -> Labels:
    return read_labels(snapshot.annotations, snapshot.events, snapshot.taxonomy, earlier_event_weight=0.5)


def _accuracy(taught: Labels, snapshot: TrainingSnapshot, shop: Shop, labels: Labels) -> float:
    truth = dict(zip(shop.events["event_id"], shop.truth, strict=True))
    event_ids = snapshot.events["event_id"].to_numpy(dtype=object)[taught.rows]
    right = np.array([truth[event] for event in event_ids]) == np.array(labels.intents)[taught.answers()]
    return float(right[~np.isin(taught.rows, labels.rows)].mean())


def test_unlabeled_events_are_judged_better_than_by_chance(
    prepared: PreparedEvents, snapshot: TrainingSnapshot, labels: Labels, shop: Shop
) -> None:
    taught = Teacher(prepared, seed=0).teach(labels)
    assert len(taught) == len(snapshot.events)
    np.testing.assert_allclose(taught.targets.sum(axis=1), 1.0, atol=1e-4)
    assert _accuracy(taught, snapshot, shop, labels) > 0.7, "one in three is chance"


def test_beliefs_at_labels_are_drawn_towards_them(prepared: PreparedEvents, labels: Labels) -> None:
    taught = Teacher(prepared, seed=0).teach(labels)
    given = labels.take(labels.decisive)
    kept = taught.take(np.searchsorted(taught.rows, given.rows))
    np.testing.assert_array_equal(kept.rows, given.rows)
    told = kept.targets[np.arange(len(kept)), given.answers()]
    assert (told >= (1 - module._BELIEF_AT_LABELS) * given.targets.max(axis=1) - 1e-6).all()
    assert kept.decisive.all()


def test_beliefs_know_nothing_of_what_comes_after(
    prepared: PreparedEvents, labels: Labels, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut after its third event, a session is believed there as it is when whole."""
    teacher = Teacher(prepared, seed=0)
    learned: list[HiddenMarkov] = []
    monkeypatch.setattr(module, "HiddenMarkov", lambda *parts: learned.append(HiddenMarkov(*parts)) or learned[-1])
    taught = teacher.teach(labels)
    chains = teacher._chains
    at, row = int(np.argmax(chains.lengths)), 2
    cut = Chains(chains.rows[at : at + 1, : row + 1], np.array([row + 1]))
    alone = learned[0].believe(cut, torch.zeros(len(prepared.table), len(labels.intents))).filtered
    rows = cut.rows[0][~np.isin(cut.rows[0], labels.rows[labels.decisive])]
    assert len(rows)
    assert chains.lengths[at] > row + 1
    np.testing.assert_allclose(taught.targets[np.searchsorted(taught.rows, rows)], alone[rows], atol=1e-5)


def test_nothing_is_taught_of_visitors_held_out(prepared: PreparedEvents, labels: Labels) -> None:
    teacher, visitor = Teacher(prepared, seed=0), _visitors(prepared)
    apart = np.isin(visitor[labels.rows], np.unique(visitor[labels.rows])[::4])
    taught = teacher.teach(labels.take(~apart), held_out=labels.take(apart))
    assert not set(visitor[taught.rows]) & set(visitor[labels.rows[apart]]), "hindsight would flatter the measure"
    assert set(visitor[taught.rows]) | set(visitor[labels.rows[apart]]) == set(visitor)


def _visitors(prepared: PreparedEvents) -> np.ndarray:
    return np.searchsorted(prepared.table.visitor_starts, np.arange(len(prepared.table)), side="right")


def test_a_large_log_is_taught_in_part_but_all_of_its_labels(
    prepared: PreparedEvents, labels: Labels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_EVENTS", len(prepared.table) // 2)
    taught = Teacher(prepared, seed=0).teach(labels)
    assert len(taught) <= len(prepared.table) // 2
    assert np.isin(labels.rows, taught.rows).all()


def test_what_is_observed_lies_inside_the_table(prepared: PreparedEvents) -> None:
    observed = {seen.name: seen for seen in observe(prepared.table)}
    assert "type" in observed
    for seen in observed.values():
        assert len(seen.rows) == len(seen.values) == len(seen.contexts)
        assert set(np.unique(seen.values)) == set(range(int(seen.values.max()) + 1)), "no holes"
        assert seen.rows.max() < len(prepared.table)


def test_pseudo_labels_are_only_the_sure_ones(labels: Labels) -> None:
    events = int(labels.rows.max()) + 50

    def half_sure(rows: Labels) -> torch.Tensor:
        logits = torch.zeros(len(rows), len(labels.intents))
        logits[::2, 1] = 5.0
        return logits

    more = add_pseudo_labels(labels, events, 0.9, half_sure)
    added = ~np.isin(more.rows, labels.rows)
    assert int(added.sum()) == -(-(events - len(labels)) // 2)
    assert (more.answers()[added] == 1).all()
    assert not more.decisive[added].any()
    assert (np.diff(more.rows) > 0).all()
