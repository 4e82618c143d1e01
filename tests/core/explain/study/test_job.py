"""The explanation job on a small shop: what it writes, that it can be stopped, and what it refuses."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.errors import InvalidSettingError, JobStoppedError, NoModelError, NotFoundError
from core.explain.study import job
from core.explain.study.report import MEASURES, read_report
from core.explain.study.told import to_dict
from core.model.checkpoint import save_checkpoint
from core.model.scorer import SessionScorer
from core.registry.explanations import (
    DEPENDENCE_FILE,
    EXPLANATIONS_FILE,
    OCCURRENCES_FILE,
    PLAUSIBILITY_FILE,
    read_rows,
)
from tests.core.explain.shop_model import set_mean_event
from tests.core.model.conftest import make_checkpoint
from tests.core.model.shop import Shop, make_shop
from tests.core.training.support import Context, Spec, session_annotations, write_snapshot

SESSIONS = 4


@pytest.fixture(scope="module")
def shop() -> Shop:
    return make_shop()


@pytest.fixture(scope="module")
def model(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    checkpoint = make_checkpoint(shop)
    set_mean_event(SessionScorer(checkpoint), shop)
    save_checkpoint(checkpoint, folder)
    return folder


@pytest.fixture(scope="module")
def snapshot(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Session labels, and in each of the first sessions one event marked with the session's intent."""
    labels = session_annotations(shop, 12)
    sizes = shop.events.groupby("session_id")["event_id"].transform("size")
    first = shop.events[sizes > 2].groupby("session_id").head(1).set_index("session_id")["event_id"]
    marked = labels[labels["session_id"].isin(first.index)]
    marked = marked.assign(target_kind="event", event_id=marked["session_id"].map(first))
    return write_snapshot(tmp_path_factory.mktemp("home") / "snapshot", shop, pd.concat([labels, marked]))


def _spec(snapshot: Path, model: Path | None, folder: Path, **arguments: object) -> Spec:
    return Spec(snapshot, folder / "output", {"sessions": SESSIONS, "prefixes": 20} | arguments, base_model=model)


def test_it_measures_sampled_sessions_and_marked_ones(snapshot: Path, model: Path, tmp_path: Path) -> None:
    context = Context(_spec(snapshot, model, tmp_path))
    result = job.run(context)
    rows, about = read_rows(tmp_path / "output" / EXPLANATIONS_FILE)
    assert len(rows) == rows["session_id"].nunique() == result["sessions"] == SESSIONS
    assert about == {"model_id": "test-model", "method": "integrated_gradients", "unlabelled": True}
    assert np.isfinite(rows[["comprehensiveness", "sufficiency", "chance", "sensitivity"]]).all(axis=None)
    assert rows[[f"like_{stage}" for stage in ("head", "forecast", "backbone")]].abs().max(axis=None) <= 1
    adds = rows["probability"] - rows["baseline_probability"]
    for kind in ("field:", "type:"):
        columns = [name for name in rows if name.startswith(kind)]
        np.testing.assert_allclose(rows[columns].sum(axis=1), adds, atol=2e-3)
    marked, _ = read_rows(tmp_path / "output" / PLAUSIBILITY_FILE)
    assert len(marked) == result["rationales"] > 5
    assert (marked["marked"] < marked["events"]).all()
    shares = marked[["auprc", "token_f1", "iou", "chance_auprc"]]
    assert shares.ge(0).all(axis=None)
    assert shares.le(1).all(axis=None)
    occurred, _ = read_rows(tmp_path / "output" / OCCURRENCES_FILE)
    assert set(occurred["kind"]) == {"transition", "word"}
    assert np.isfinite(occurred["value"]).all()
    swept, said = read_rows(tmp_path / "output" / DEPENDENCE_FILE)
    assert set(swept["feature"]) == {"price", "pause", "absence"}
    assert result["prefixes"] == swept.groupby("feature")["event_id"].nunique().max() == 20
    assert said["currency"] == "CNY"
    np.testing.assert_allclose(swept.filter(like="intent:").sum(axis=1), 1, atol=1e-5)
    phases = {phase: (step, total) for phase, step, total, _ in context.reports}
    assert phases["faithfulness"] == (SESSIONS, SESSIONS)
    assert phases["dependence"][0] == phases["dependence"][1] > 0
    done, of = phases["plausibility"]
    assert done == of >= len(marked)  # of a stream longer than the model's window the marked event may be gone


def test_its_report_is_whole(snapshot: Path, model: Path, tmp_path: Path) -> None:
    job.run(Context(_spec(snapshot, model, tmp_path, method="occlusion_of_events", sessions=3, prefixes=0)))
    report = read_report(tmp_path / "output")
    assert report is not None
    told = to_dict(report)
    assert (told["method"], told["predictions"], set(told["measures"])) == ("occlusion_of_events", 3, set(MEASURES))
    assert told["sanity"]["verdict"] == "few"
    assert sum(told["reliability"].values()) == 3
    assert told["dependence"] == {"currency": None, "curves": {}}
    assert not (tmp_path / "output" / DEPENDENCE_FILE).exists()


def test_it_stops_when_asked(snapshot: Path, model: Path, tmp_path: Path) -> None:
    with pytest.raises(JobStoppedError):
        job.run(Context(_spec(snapshot, model, tmp_path), stop_after=2))
    assert not (tmp_path / "output").exists()


def test_it_refuses_what_it_cannot_do(snapshot: Path, model: Path, tmp_path: Path) -> None:
    with pytest.raises(NoModelError):
        job.run(Context(_spec(snapshot, None, tmp_path)))
    with pytest.raises(InvalidSettingError, match="'0'"):
        job.run(Context(_spec(snapshot, model, tmp_path, sessions=0)))
    with pytest.raises(InvalidSettingError, match="prefixes is '-1'"):
        job.run(Context(_spec(snapshot, model, tmp_path, prefixes=-1)))
    with pytest.raises(NotFoundError, match="'deep_lift'"):
        job.run(Context(_spec(snapshot, model, tmp_path, method="deep_lift")))


def test_sessions_without_labels_are_preferred_and_each_is_asked_about_once(shop: Shop) -> None:
    sessions = shop.events["session_id"].drop_duplicates()
    chosen, unlabelled = job.sampled_events(shop.events, sessions[:-4], 3, seed=1)
    assert unlabelled
    assert set(chosen["session_id"]) < set(sessions[-4:])
    chosen, unlabelled = job.sampled_events(shop.events, sessions[:-4], 9, seed=1)
    assert not unlabelled
    assert chosen["session_id"].nunique() == 9
    assert len(job.sampled_events(shop.events, sessions[:0], 10_000, seed=1)[0]) == len(sessions)
