"""A fine-tuning run keeps its measurement: all events of the held-out visitors' sessions, and nothing else."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from core.training import finetune
from core.training.held_out import EVALUATION_FILE, HeldOut
from core.training.labels import Labels, read_labels, split_by_time
from core.training.metrics import macro_f1
from core.training.snapshot import TrainingSnapshot, read_snapshot
from tests.core.model.shop import INTENTS, Shop, make_shop
from tests.core.training.support import Context, Spec, session_annotations, write_snapshot

NAMES = ("model", "base_rate", "kgram", "trees")


@pytest.fixture(scope="module")
def shop() -> Shop:
    return make_shop(visitors=60)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory, shop: Shop) -> Path:
    return write_snapshot(tmp_path_factory.mktemp("held-out") / "snapshot", shop, session_annotations(shop, 50))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, snapshot: Path) -> Path:
    """The model folder of a run of the quickest recipe."""
    folder = tmp_path_factory.mktemp("model")
    finetune.run(Context(Spec(snapshot, folder, {"size": "tiny", "recipe": "head"})))
    return folder


def _labels(snapshot: TrainingSnapshot) -> tuple[Labels, np.ndarray, np.ndarray]:
    labels = read_labels(snapshot.annotations, snapshot.events, snapshot.taxonomy, earlier_event_weight=0.5)
    return labels, *split_by_time(labels, snapshot.events, 0.2)


def _uniform(labels: Labels) -> np.ndarray:
    return np.full((len(labels), len(labels.intents)), 1 / len(labels.intents))


def test_it_holds_whole_sessions_of_held_out_visitors_only(folder: Path, snapshot: Path, shop: Shop) -> None:
    frame = pd.read_parquet(folder / EVALUATION_FILE)
    labels, training, validation = _labels(read_snapshot(snapshot))
    visitors = shop.events["visitor_id"].to_numpy()[labels.rows]
    assert set(frame["visitor_id"]) == set(visitors[validation])
    assert set(frame["visitor_id"]).isdisjoint(visitors[training])
    sizes = shop.events.groupby("session_id").size()
    for session_id, rows in frame.groupby("session_id"):
        assert rows["place"].tolist() == list(range(1, sizes[session_id] + 1))
        assert rows["session_events"].unique().tolist() == [sizes[session_id]]


def test_the_cards_figures_come_out_of_it_again(folder: Path) -> None:
    card = json.loads((folder / "card.json").read_text())
    frame = pd.read_parquet(folder / EVALUATION_FILE).dropna(subset=["answer"])
    assert len(frame) == card["metrics"]["labels"]
    answers = np.array([INTENTS.index(answer) for answer in frame["answer"]])
    measured = {"model": card["metrics"]} | card["baselines"]
    for name in NAMES:
        assert macro_f1(answers, np.stack(frame[name].to_list())) == measured[name]["macro_f1"]


def test_a_sessions_label_counts_at_its_last_event(folder: Path, shop: Shop) -> None:
    frame = pd.read_parquet(folder / EVALUATION_FILE)
    answered = frame[frame["answer"].notna()]
    assert answered["answer_kind"].unique().tolist() == ["session"]
    assert (answered["place"] == answered["session_events"]).all()
    assert (frame["place"] == frame["session_events"]).sum() == len(answered)
    truth = dict(zip(shop.events["session_id"], shop.truth, strict=True))
    assert frame["session_answer"].tolist() == [truth[session] for session in frame["session_id"]]


def test_every_answer_is_a_distribution_and_the_intents_are_named(folder: Path) -> None:
    table = pq.read_table(folder / EVALUATION_FILE)
    assert json.loads(table.schema.metadata[b"intents"]) == list(INTENTS)
    for name in NAMES:
        np.testing.assert_allclose(np.stack(table[name].to_pandas().to_list()).sum(axis=1), 1.0, atol=1e-5)


def test_an_events_own_label_stands_beside_its_sessions(shop: Shop, tmp_path: Path) -> None:
    session = session_annotations(shop, 40)
    latest = shop.events.sort_values("occurred_at")["session_id"].iloc[-1]
    event = shop.events[shop.events["session_id"] == latest].iloc[-1]
    both = session.iloc[[0, 0]].assign(
        target_kind=["event", "session"], event_id=[event["event_id"], None], session_id=latest, intent=INTENTS[:2]
    )
    snapshot = read_snapshot(write_snapshot(tmp_path / "snapshot", shop, pd.concat([session, both])))
    labels, training, validation = _labels(snapshot)
    frame = HeldOut(snapshot, labels.take(training), labels.take(validation), _uniform).frame()
    rows = frame[frame["session_id"] == latest]
    assert rows["answer"].dropna().tolist() == [INTENTS[0]]
    assert rows["answer_kind"].dropna().tolist() == ["event"]
    assert set(rows["session_answer"]) == {INTENTS[1]}


def test_one_visitor_alone_still_keeps_its_trained_rows_out(shop: Shop, tmp_path: Path) -> None:
    events = shop.events.assign(visitor_id="v")
    in_order = events.sort_values(["visitor_id", "occurred_at", "event_id"], ignore_index=True)
    alone = Shop(in_order, shop.items, shop.truth)
    snapshot = read_snapshot(write_snapshot(tmp_path / "snapshot", alone, session_annotations(alone, 20)))
    labels, training, validation = _labels(snapshot)
    frame = HeldOut(snapshot, labels.take(training), labels.take(validation), _uniform).frame()
    trained = set(snapshot.events["event_id"].to_numpy()[labels.rows[training]])
    assert len(frame)
    assert trained.isdisjoint(frame["event_id"])
