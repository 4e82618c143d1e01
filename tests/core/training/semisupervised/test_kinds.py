"""Kinds are found where sessions behave differently, and not where they do not; the file tells each session's."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from core.training import kinds_of_sessions as module
from core.training.kinds_of_sessions import KINDS_FILE, save_kinds, some_visitors
from core.training.prepared import PreparedEvents
from core.training.pretrain import new_checkpoint
from core.training.semisupervised.hidden_markov import Beliefs, Chains, HiddenMarkov
from core.training.semisupervised.kinds import BEGINNINGS, FREE_ROUNDS, GUIDED_ROUNDS, believed_kinds
from core.training.snapshot import TrainingSnapshot
from tests.core.model.shop import Shop, make_shop

BEHAVIOURS = ("purchase", "support")


def _two_behaviours(informative: bool = True) -> Shop:
    """Sessions that buy and sessions that complain; without `informative` they look alike."""
    shop = make_shop(visitors=120, informative=informative)
    kept = np.isin(shop.truth, BEHAVIOURS)
    return Shop(shop.events[kept].reset_index(drop=True), shop.items, shop.truth[kept])


def _snapshot(shop: Shop, intents: int = 2) -> TrainingSnapshot:
    taxonomy = (*(f"intent{number}" for number in range(intents)), "other")
    return TrainingSnapshot("s", shop.events, shop.items, pd.DataFrame(), taxonomy, None)


def _right(shop: Shop) -> float:
    """Share of sessions sorted as they were drawn, whatever the kinds are numbered, from guesses right 65 in 100."""
    snapshot = _snapshot(shop)
    table = PreparedEvents(new_checkpoint(snapshot, "tiny", seed=0), snapshot).table
    random = np.random.default_rng(3)
    truth = (shop.truth == "support").astype(int)
    guess = np.where(random.random(len(truth)) < 0.65, truth, 1 - truth)
    forecasts = torch.from_numpy((np.eye(2)[guess] + random.normal(0, 0.2, (len(truth), 2))).astype(np.float32))
    beliefs = believed_kinds(table, forecasts, np.ones(len(table), dtype=bool), 2, seed=0)
    ends = ~shop.events["session_id"].duplicated(keep="last").to_numpy()
    same = float((beliefs.argmax(dim=-1).numpy() == truth)[ends].mean())
    return max(same, 1 - same)


def test_two_planted_behaviours_are_found_and_no_behaviour_is_not() -> None:
    assert _right(_two_behaviours()) > 0.9
    assert _right(_two_behaviours(informative=False)) < 0.75


def test_of_several_beginnings_the_likeliest_fit_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    fits: list[float] = []
    believe = HiddenMarkov.believe

    def watched(markov: HiddenMarkov, chains: Chains, evidence: torch.Tensor) -> Beliefs:
        beliefs = believe(markov, chains, evidence)
        fits.append(beliefs.log_likelihood)
        return beliefs

    monkeypatch.setattr(HiddenMarkov, "believe", watched)
    _right(_two_behaviours())
    rounds = GUIDED_ROUNDS + FREE_ROUNDS + 1
    ends = fits[rounds - 1 :: rounds][:BEGINNINGS]
    assert len(fits) == BEGINNINGS * rounds + 1
    assert fits[-1] == max(ends)


@pytest.fixture(scope="module")
def snapshot() -> TrainingSnapshot:
    return _snapshot(make_shop(visitors=80), intents=3)


def _save(snapshot: TrainingSnapshot, folder: Path, seed: int = 0) -> tuple[int, pd.DataFrame | None]:
    checkpoint = new_checkpoint(snapshot, "tiny", seed=0)
    found = save_kinds(folder, checkpoint.model, PreparedEvents(checkpoint, snapshot), snapshot, seed)
    return found, pd.read_parquet(folder / KINDS_FILE) if (folder / KINDS_FILE).is_file() else None


def test_every_session_is_told_its_kind_the_same_way_for_a_seed(snapshot: TrainingSnapshot, tmp_path: Path) -> None:
    found, kinds = _save(snapshot, tmp_path / "a")
    assert kinds is not None
    assert len(kinds) == found
    assert sorted(kinds["session_id"]) == sorted(snapshot.events["session_id"].unique())
    assert set(kinds["kind"]) <= {0, 1, 2, 3}, "half as many again as the three intents, without Other"
    assert kinds["sureness"].between(1 / 4 - 1e-3, 1).all()
    pd.testing.assert_frame_equal(kinds, _save(snapshot, tmp_path / "b")[1])


def test_sessions_of_one_event_and_logs_of_few_sessions_are_left_alone(
    snapshot: TrainingSnapshot, tmp_path: Path
) -> None:
    first = snapshot.events["session_id"].iloc[0]
    cut = snapshot.events[(snapshot.events["session_id"] != first) | ~snapshot.events["session_id"].duplicated()]
    kinds = _save(replace(snapshot, events=cut.reset_index(drop=True)), tmp_path)[1]
    assert kinds is not None
    assert first not in set(kinds["session_id"])
    few = snapshot.events[snapshot.events["visitor_id"] < "v0010"].reset_index(drop=True)
    assert _save(replace(snapshot, events=few), tmp_path / "few") == (0, None)


def test_of_a_large_log_some_visitors_teach_and_more_are_told(
    snapshot: TrainingSnapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FITTED_EVENTS", len(snapshot.events) // 4)
    monkeypatch.setattr(module, "TOLD_EVENTS", len(snapshot.events) // 2)
    found, kinds = _save(snapshot, tmp_path)
    assert kinds is not None
    told = snapshot.events[snapshot.events["session_id"].isin(kinds["session_id"])]
    assert len(snapshot.events) * 0.4 < len(told) <= len(snapshot.events) // 2
    whole = snapshot.events[snapshot.events["visitor_id"].isin(told["visitor_id"])]
    assert found == whole["session_id"].nunique(), "all sessions of a visitor or none"
    assert kinds["sureness"].min() > 0, "those not learned from are told too"


def test_visitors_are_drawn_whole_and_at_least_one() -> None:
    starts = np.array([0, 10, 15])
    for seed in range(5):
        chosen = some_visitors(starts, 18, 9, seed)
        sizes = [int(part.sum()) for part in np.split(chosen, starts[1:])]
        assert sizes in ([10, 0, 0], [0, 5, 3], [0, 5, 0], [0, 0, 3])
    assert some_visitors(starts, 18, 100, 0).all()
