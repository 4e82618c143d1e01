"""The learning curve and the stopping signal, from model folders as runs write them."""

import json

import numpy as np
import pandas as pd
import pytest

from core.active.stopping import WATCHED_FILE
from core.jobs.manager import JobManager
from core.learning.curve import learning_curve
from core.learning.report import learning_report
from core.learning.stopping_signal import LEAST_WATCHED, watched_signal
from core.registry.models import list_models, promote, register_model
from core.registry.scored import scored_models
from core.settings import Settings
from core.store.warehouse import Warehouse
from tests.core.active.shop import TurnedClock, fill, label, store_states
from tests.core.learning.functions import write_model

SESSIONS = 130


def register(
    warehouse: Warehouse, settings: Settings, name: str, said: np.ndarray | None = None, **card: object
) -> None:
    """A model that says so of sessions s0, s1, ..."""
    folder = settings.home / "made" / name
    write_model(folder, name)
    known = json.loads((folder / "card.json").read_text()) | {"created_at": warehouse.clock().isoformat()} | card
    (folder / "card.json").write_text(json.dumps(known))
    if said is not None:
        frame = pd.DataFrame({"session_id": [f"s{n}" for n in range(len(said))], "intent": said})
        frame.to_parquet(folder / WATCHED_FILE)
    register_model(warehouse, settings, folder)


def said_but(changed: int) -> np.ndarray:
    answers = np.array(["browse", "search"], dtype=object)[np.arange(SESSIONS) % 2]
    answers[:changed] = "search"
    return answers


def test_models_that_agree_on_what_nobody_labelled_say_stop(warehouse: Warehouse, settings: Settings) -> None:
    fill(warehouse, SESSIONS)
    for number in range(3):
        register(warehouse, settings, f"m{number}", said_but(0))
    three = watched_signal(warehouse, list_models(warehouse))
    assert (three.missing_models, three.signal is not None and three.signal.mean) == (1, None)
    register(warehouse, settings, "m3", said_but(0))
    four = watched_signal(warehouse, list_models(warehouse))
    assert four.models == ("m0", "m1", "m2", "m3")
    assert four.signal is not None
    assert (four.signal.stop, four.signal.mean, four.sessions) == (True, 1.0, SESSIONS)


def test_models_that_change_their_minds_say_go_on(warehouse: Warehouse, settings: Settings) -> None:
    fill(warehouse, SESSIONS)
    for number, changed in enumerate((0, 20, 0, 20)):
        register(warehouse, settings, f"m{number}", said_but(changed))
    found = watched_signal(warehouse, list_models(warehouse)).signal
    assert found is not None
    assert not found.stop
    assert found.mean == pytest.approx(0.847, abs=0.01)


def test_sessions_that_somebody_labelled_are_left_out(warehouse: Warehouse, settings: Settings) -> None:
    """The models differ on the first twenty only, and those get labels."""
    fill(warehouse, SESSIONS)
    for number, changed in enumerate((0, 20, 0, 20)):
        register(warehouse, settings, f"m{number}", said_but(changed))
    for number in range(20):
        label(warehouse, f"s{number}", "ana")
    found = watched_signal(warehouse, list_models(warehouse))
    assert found.sessions == SESSIONS - 20
    assert found.signal is not None
    assert found.signal.stop


def test_too_few_sessions_left_say_nothing(warehouse: Warehouse, settings: Settings) -> None:
    fill(warehouse, SESSIONS)
    for number in range(4):
        register(warehouse, settings, f"m{number}", said_but(0)[: LEAST_WATCHED - 1])
    found = watched_signal(warehouse, list_models(warehouse))
    assert (found.signal, found.sessions, found.missing_models) == (None, LEAST_WATCHED - 1, 0)


def test_no_model_no_signal(warehouse: Warehouse, settings: Settings) -> None:
    register(warehouse, settings, "without")
    assert watched_signal(warehouse, list_models(warehouse)).models == ()


def test_the_curve_has_a_point_for_each_measured_model_oldest_first(
    warehouse: Warehouse, settings: Settings, clock: TurnedClock
) -> None:
    register(warehouse, settings, "unmeasured")
    measured = {"metrics": {"macro_f1": 0.5, "macro_f1_interval": [0.4, 0.6], "labels": 9}, "labels": 45}
    register(warehouse, settings, "old", **measured)
    clock.turn(10)
    newer = {"baselines": {"base_rate": {"macro_f1": 0.2}}, "held_out": {"how": "random", "drawn": 30}}
    register(warehouse, settings, "new", **(measured | newer))
    curve = learning_curve(list_models(warehouse))
    assert curve["model_id"].tolist() == ["old", "new"]
    assert curve["how"].tolist() == ["latest", "random"]
    assert curve["base_rate"].isna().tolist() == [True, False]
    assert curve.loc[0, ["labels", "macro_f1", "low", "high", "n"]].tolist() == [45, 0.5, 0.4, 0.6, 9]


def test_the_report_of_an_empty_shop_says_what_is_missing(warehouse: Warehouse, settings: Settings) -> None:
    jobs = JobManager(warehouse, settings)
    try:
        report = learning_report(warehouse, jobs)
    finally:
        jobs.close()
    assert (report.decision.reason, report.curve.empty, report.newest, report.run) == ("off", True, None, None)
    assert report.watched.missing_models == 4


def test_a_queue_keeps_the_model_that_served_while_the_new_one_scores(warehouse: Warehouse, settings: Settings) -> None:
    sessions = fill(warehouse, 3)
    register(warehouse, settings, "first")
    assert scored_models(warehouse) == ()
    store_states(warehouse, dict.fromkeys(sessions, (0.6, 0.4)), model_id="first")
    register(warehouse, settings, "second")
    promote(warehouse, "second")
    assert [model.model_id for model in scored_models(warehouse)] == ["first"]
    store_states(warehouse, dict.fromkeys(sessions, (0.6, 0.4)), model_id="second")
    assert [model.model_id for model in scored_models(warehouse)] == ["second", "first"]
