"""Words speak for the intents that they go with, and few labels make them speak softly."""

from pathlib import Path

import numpy as np
import pytest
import torch

from core.training.prepared import PreparedEvents
from core.training.pretrain import new_checkpoint
from core.training.semisupervised.text_emission import TextEmission
from core.training.snapshot import read_snapshot
from tests.core.model.shop import make_shop
from tests.core.training.support import session_annotations, write_snapshot


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> PreparedEvents:
    folder: Path = tmp_path_factory.mktemp("words")
    shop = make_shop(visitors=40)
    snapshot = read_snapshot(write_snapshot(folder / "snapshot", shop, session_annotations(shop, 10)))
    return PreparedEvents(new_checkpoint(snapshot, "tiny", seed=0), snapshot)


def _planted(prepared: PreparedEvents, labels: int) -> tuple[torch.Tensor, np.ndarray]:
    """Log likelihoods after fitting, where every second text goes with intent 1 and all others with 0."""
    table = prepared.table
    emission = TextEmission(table, np.ones(len(table), dtype=bool), 2, labels)
    answers = table.own_text[emission.rows.numpy()] % 2
    emission.fit(torch.nn.functional.one_hot(torch.from_numpy(answers.astype(np.int64)), 2).float())
    return emission.log_likelihood(), answers


def test_words_speak_for_the_intent_they_go_with(prepared: PreparedEvents) -> None:
    log_likelihood, answers = _planted(prepared, labels=10_000)
    assert (log_likelihood.argmax(dim=1).numpy() == answers).mean() > 0.95


def test_fewer_labels_make_words_speak_more_softly(prepared: PreparedEvents) -> None:
    spread = [float(_planted(prepared, labels)[0].std(dim=1).mean()) for labels in (10_000, 500)]
    assert 0 < spread[1] < spread[0]


def test_unfitted_words_say_nothing(prepared: PreparedEvents) -> None:
    emission = TextEmission(prepared.table, np.ones(len(prepared.table), dtype=bool), 3, 100)
    assert float(emission.log_likelihood().std(dim=1).max()) == pytest.approx(0.0, abs=1e-6)


def test_without_different_words_nothing_is_observed(prepared: PreparedEvents) -> None:
    assert TextEmission.observed(prepared.table, np.ones(len(prepared.table), dtype=bool))
    assert not TextEmission.observed(prepared.table, np.zeros(len(prepared.table), dtype=bool))
