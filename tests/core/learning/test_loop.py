"""The loop over a real warehouse and real worker processes; each test turns it by hand."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.active.learning_loop import LearningOptions
from core.errors import BrokenCheckpointError
from core.intents.annotations import undo_annotation
from core.jobs.manager import JobManager
from core.jobs.spec import KINDS
from core.learning.loop import LearningLoop
from core.learning.options import load_learning_options, save_learning_options
from core.learning.situation import NOT_JUDGED, read_situation
from core.learning.trainings import read_trainings
from core.registry.gate.promotion import PROMOTED, REFUSED
from core.registry.models import champion, list_models, register_model
from core.settings import Settings
from core.store.audit_queries import AuditRow, append_audit, list_audit
from core.store.prediction_queries import count_states
from core.store.warehouse import Warehouse
from tests.core.active.shop import TurnedClock, fill, label
from tests.core.learning.evaluations import write_evaluation
from tests.core.learning.functions import write_model

FUNCTIONS = "tests.core.learning.functions"
WAIT_S = 120


@pytest.fixture
def jobs(warehouse: Warehouse, settings: Settings) -> Iterator[JobManager]:
    manager = JobManager(warehouse, settings)
    yield manager
    manager.close()


@pytest.fixture(autouse=True)
def quick_scoring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "score", f"{FUNCTIONS}:score")


@pytest.fixture(scope="module")
def evaluations(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What a good and a bad model said of the same held-out sessions."""
    folder = tmp_path_factory.mktemp("evaluations")
    return {name: write_evaluation(folder / name, sure) for name, sure in {"good": 0.9, "bad": 0.1}.items()}


@pytest.fixture
def loop(warehouse: Warehouse, jobs: JobManager, evaluations: dict[str, Path]) -> LearningLoop:
    """Switched on: trains after two sessions an intent, and after every two new ones; each takes no time."""
    fill(warehouse, 30)
    save_learning_options(warehouse, LearningOptions(True, 2, 2), changed_by="ana")
    return learner(warehouse, jobs, evaluations["good"])


def learner(warehouse: Warehouse, jobs: JobManager, evaluation: Path, **arguments: object) -> LearningLoop:
    given = {"evaluation": str(evaluation)} | arguments
    return LearningLoop(warehouse, jobs, arguments=given, target=f"{FUNCTIONS}:learn")


def label_some(warehouse: Warehouse, first: int, count: int) -> list[str]:
    return [label(warehouse, f"s{n}", "ana", ("browse", "search")[n % 2]) for n in range(first, first + count)]


def settle(jobs: JobManager) -> None:
    """Wait until every run is over and taken in."""
    deadline = time.monotonic() + WAIT_S
    while read_trainings(jobs).unsettled is not None:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def acts(loop: LearningLoop, jobs: JobManager, times: int = 6) -> list[str]:
    """What it did, looked at again and again until it waits."""
    done = []
    for _ in range(times):
        settle(jobs)
        decision = loop.check()
        if decision.action == "wait":
            break
        done.append(decision.action)
    return done


def test_options_are_the_shops_and_the_newest_count(warehouse: Warehouse) -> None:
    assert load_learning_options(warehouse) == LearningOptions()
    for every in (5, 7):
        save_learning_options(warehouse, LearningOptions(True, 3, every), changed_by="ana")
    assert load_learning_options(warehouse) == LearningOptions(True, 3, 7)


def test_it_trains_when_due_once_and_again_after_new_labels(
    warehouse: Warehouse, jobs: JobManager, loop: LearningLoop
) -> None:
    label_some(warehouse, 0, 3)
    assert loop.check().missing == 1
    label_some(warehouse, 3, 1)
    assert loop.check().action == "train"
    assert loop.check().reason == "busy"
    assert acts(loop, jobs) == []
    first = champion(warehouse)
    assert first is not None
    label_some(warehouse, 4, 1)
    assert (loop.check().action, loop.check().missing) == ("wait", 1)
    label_some(warehouse, 5, 1)
    assert acts(loop, jobs) == ["train", "judge"]
    assert len(list_models(warehouse)) == 2
    serving = champion(warehouse)
    assert serving is not None
    assert serving.model_id != first.model_id
    assert [row.action for row in list_audit(warehouse, serving.model_id)] == [PROMOTED]
    assert count_states(warehouse) == {first.model_id: 30, serving.model_id: 30}


def test_a_worse_model_stays_a_challenger_and_is_not_judged_again(
    warehouse: Warehouse, jobs: JobManager, loop: LearningLoop, evaluations: dict[str, Path]
) -> None:
    label_some(warehouse, 0, 4)
    acts(loop, jobs)
    label_some(warehouse, 4, 2)
    assert acts(learner(warehouse, jobs, evaluations["bad"]), jobs) == ["train", "judge"]
    newest = read_trainings(jobs).newest_own()
    assert newest is not None
    assert [row.action for row in list_audit(warehouse, newest.run_id)] == [REFUSED]
    serving = champion(warehouse)
    assert serving is not None
    assert serving.model_id != newest.run_id
    assert acts(loop, jobs) == []


def test_a_label_given_again_or_taken_back_is_nothing_new(
    warehouse: Warehouse, jobs: JobManager, loop: LearningLoop
) -> None:
    given = label_some(warehouse, 0, 4)
    loop.check()
    acts(loop, jobs)
    for client_id in given:
        undo_annotation(warehouse, client_id, annotator="ana")
    label_some(warehouse, 0, 4)
    assert read_situation(warehouse, jobs).new == 0
    label(warehouse, "s0", "ana", "deal")
    assert read_situation(warehouse, jobs).new == 1


def test_doubts_skips_and_abstentions_do_not_count(warehouse: Warehouse, jobs: JobManager, loop: LearningLoop) -> None:
    label(warehouse, "s0", "ana", "browse", status="unsure")
    label(warehouse, "s1", "ana", None)
    label(warehouse, "s2", "ana", None, status="submitted")
    assert (read_situation(warehouse, jobs).labels, read_situation(warehouse, jobs).sessions) == ({}, 0)


def test_a_training_that_a_person_started_counts_too(
    warehouse: Warehouse, jobs: JobManager, loop: LearningLoop
) -> None:
    label_some(warehouse, 0, 4)
    jobs.start("finetune", {}, target=f"{FUNCTIONS}:learn")
    assert loop.check().reason == "busy"
    assert acts(loop, jobs) == []
    assert read_situation(warehouse, jobs).new == 0


def test_a_stopped_training_waits_for_more_labels(warehouse: Warehouse, jobs: JobManager, loop: LearningLoop) -> None:
    label_some(warehouse, 0, 4)
    LearningLoop(warehouse, jobs, arguments={"pause_s": 60}, target=f"{FUNCTIONS}:learn").check()
    jobs.stop(str(read_situation(warehouse, jobs).busy))
    assert acts(loop, jobs) == []
    assert loop.check().reason == "too_few_new"
    label_some(warehouse, 4, 2)
    assert "train" in acts(loop, jobs)


def test_a_failed_training_is_noted_and_not_tried_again_at_once(
    warehouse: Warehouse, jobs: JobManager, loop: LearningLoop
) -> None:
    label_some(warehouse, 0, 4)
    failing = LearningLoop(warehouse, jobs, target=f"{FUNCTIONS}:refuse")
    assert acts(failing, jobs) == ["train"]
    assert loop.check().reason == "failed_recently"
    assert read_situation(warehouse, jobs).failures == 1
    label_some(warehouse, 4, 10)
    assert loop.check().reason == "failed_recently", "more labels do not make it loop"


def test_a_restart_changes_nothing(
    warehouse: Warehouse, jobs: JobManager, loop: LearningLoop, settings: Settings
) -> None:
    label_some(warehouse, 0, 4)
    acts(loop, jobs)
    label_some(warehouse, 4, 1)
    before = read_situation(warehouse, jobs)
    jobs.close()
    again = JobManager(warehouse, settings)
    try:
        after = read_situation(warehouse, again)
        assert after == replace(before, now=after.now)
        assert LearningLoop(warehouse, again).check().missing == 1
    finally:
        again.close()


def test_a_model_from_elsewhere_has_learned_what_was_there_when_it_began_to_serve(
    warehouse: Warehouse, jobs: JobManager, loop: LearningLoop, settings: Settings, clock: TurnedClock
) -> None:
    label_some(warehouse, 0, 4)
    write_model(settings.home / "given", "given")
    register_model(warehouse, settings, settings.home / "given")
    assert read_situation(warehouse, jobs).new == 0
    clock.turn(1)
    label_some(warehouse, 4, 2)
    assert read_situation(warehouse, jobs).new == 2


def test_a_promotion_cut_short_is_done_after_a_restart(
    warehouse: Warehouse, jobs: JobManager, loop: LearningLoop, clock: TurnedClock
) -> None:
    """Killed between the gate's word and the change: the word is in the journal, the model does not serve."""
    label_some(warehouse, 0, 4)
    acts(loop, jobs)
    label_some(warehouse, 4, 2)
    assert loop.check().action == "train"
    settle(jobs)
    waiting = str(read_situation(warehouse, jobs).unjudged)
    append_audit(warehouse, AuditRow(warehouse.clock(), "loop", PROMOTED, waiting, {}))
    assert acts(loop, jobs) == ["judge"]
    serving = champion(warehouse)
    assert serving is not None
    assert serving.model_id == waiting


def test_a_model_that_cannot_be_judged_is_noted_once(
    warehouse: Warehouse, jobs: JobManager, loop: LearningLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    label_some(warehouse, 0, 4)
    acts(loop, jobs)
    label_some(warehouse, 4, 2)
    loop.check()
    settle(jobs)

    def broken(*_: object, **__: object) -> None:
        raise BrokenCheckpointError("The model folder is damaged; train again.")

    monkeypatch.setattr(jobs, "promote", broken)
    assert acts(loop, jobs) == ["judge"]
    newest = read_trainings(jobs).newest_own()
    assert newest is not None
    assert [row.action for row in list_audit(warehouse, newest.run_id)] == [NOT_JUDGED]


def test_old_copies_of_events_go_and_what_was_learned_stays(
    warehouse: Warehouse, jobs: JobManager, loop: LearningLoop
) -> None:
    for first in range(0, 12, 4):
        label_some(warehouse, first, 4)
        acts(loop, jobs)
    runs = read_trainings(jobs).runs
    assert len(runs) == 3
    names = [{path.name for path in jobs.snapshot(run.run_id).iterdir()} for run in runs]
    assert ["events.parquet" in found for found in names] == [True, True, False]
    assert all("annotations.parquet" in found for found in names)
    assert all(record.folder.is_dir() for record in list_models(warehouse))
