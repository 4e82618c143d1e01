"""Jobs as real processes: progress, stop, failure, order, and what they leave behind."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import NotFoundError
from core.jobs.manager import NEVER_STARTED, JobManager
from core.jobs.process import PID_FILE
from core.jobs.progress import write_status
from core.settings import Settings
from core.store.warehouse import Warehouse

FUNCTIONS = "tests.core.jobs.functions"
WAIT_S = 120


@pytest.fixture
def jobs(warehouse: Warehouse, settings: Settings) -> Iterator[JobManager]:
    manager = JobManager(warehouse, settings)
    yield manager
    manager.close()


def count(jobs: JobManager, steps: int, pause_s: float = 0.0) -> str:
    return jobs.start("pretrain", {"steps": steps, "pause_s": pause_s}, target=f"{FUNCTIONS}:count")


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_job_reports_metrics_and_returns_its_result(jobs: JobManager) -> None:
    run_id = count(jobs, 5)
    status = jobs.wait(run_id, WAIT_S)
    assert (status.status, status.result, status.step, status.total) == ("finished", {"counted": 5}, 5, 5)
    assert jobs.metrics(run_id)["value"].tolist() == [1, 4, 9, 16, 25]
    assert "counted to 5" in status.log_tail


def test_the_snapshot_is_frozen_in_the_run_folder(jobs: JobManager, settings: Settings) -> None:
    run_id = count(jobs, 1)
    jobs.wait(run_id, WAIT_S)
    frozen = settings.runs_folder / run_id / "snapshot"
    assert {path.name for path in frozen.iterdir()} == {
        "events.parquet",
        "items.parquet",
        "annotations.parquet",
        "taxonomy.json",
        "snapshot.json",
    }


def test_a_running_job_stops_when_asked(jobs: JobManager) -> None:
    run_id = count(jobs, 10_000, pause_s=0.02)
    wait_until(lambda: jobs.status(run_id).step > 2)
    jobs.stop(run_id)
    status = jobs.wait(run_id, WAIT_S)
    assert status.status == "stopped"
    assert status.step < 10_000


def test_a_stopped_job_can_be_resumed(jobs: JobManager) -> None:
    run_id = count(jobs, 60, pause_s=0.05)
    wait_until(lambda: jobs.status(run_id).step > 1)
    jobs.stop(run_id)
    assert jobs.wait(run_id, WAIT_S).status == "stopped"
    jobs.resume(run_id)
    assert jobs.wait(run_id, WAIT_S).status == "finished"


def test_one_job_runs_at_a_time_and_the_rest_wait_in_order(jobs: JobManager) -> None:
    first, second = count(jobs, 60, pause_s=0.02), count(jobs, 1)
    assert jobs.status(second).status == "queued"
    finished = [jobs.wait(run_id, WAIT_S) for run_id in (first, second)]
    assert finished[1].started_at >= finished[0].finished_at


def test_a_queued_job_that_is_stopped_never_starts(jobs: JobManager) -> None:
    first, second = count(jobs, 60, pause_s=0.02), count(jobs, 1)
    jobs.stop(second)
    jobs.wait(first, WAIT_S)
    assert jobs.status(second).status == "stopped"
    assert jobs.status(second).started_at is None


def test_an_error_for_people_is_shown_as_it_is(jobs: JobManager) -> None:
    run_id = jobs.start("finetune", {}, target=f"{FUNCTIONS}:refuse")
    status = jobs.wait(run_id, WAIT_S)
    assert status.status == "failed"
    assert status.error == "Only 1 session is labelled, expected 2; label one more on the Label page."


def test_a_mistake_of_ours_is_named_and_its_traceback_kept(jobs: JobManager) -> None:
    run_id = jobs.start("finetune", {}, target=f"{FUNCTIONS}:crash")
    status = jobs.wait(run_id, WAIT_S)
    assert status.status == "failed"
    assert "ZeroDivisionError: a mistake of the programmer" in str(status.error)
    assert "Traceback" in status.log_tail


def test_a_killed_worker_is_noticed(jobs: JobManager, settings: Settings) -> None:
    run_id = count(jobs, 10_000, pause_s=0.02)
    wait_until(lambda: jobs.status(run_id).step > 1)
    os.kill(int((settings.runs_folder / run_id / PID_FILE).read_text()), signal.SIGKILL)
    status = jobs.wait(run_id, WAIT_S)
    assert status.status == "failed"
    assert "ended without a word" in str(status.error)


def test_a_function_that_is_not_there_fails_loudly(jobs: JobManager) -> None:
    run_id = jobs.start("finetune", {}, target="tests.core.jobs.functions:absent")
    assert "cannot be loaded" in str(jobs.wait(run_id, WAIT_S).error)


def test_unknown_runs_and_kinds_are_named(jobs: JobManager) -> None:
    with pytest.raises(NotFoundError, match="'nothing'"):
        jobs.status("nothing")
    with pytest.raises(NotFoundError, match="'dance'"):
        jobs.start("dance", {})


def test_a_damaged_status_is_passed_over(jobs: JobManager, settings: Settings, tmp_path: Path) -> None:
    broken = settings.runs_folder / "broken"
    broken.mkdir()
    (broken / "status.json").write_text('{"run_id": "bro')
    assert jobs.runs() == []


def test_a_job_stopped_before_it_could_listen_is_stopped_and_not_failed(jobs: JobManager) -> None:
    run_id = count(jobs, 10_000, pause_s=0.02)
    jobs.stop(run_id)
    status = jobs.wait(run_id, WAIT_S)
    assert (status.status, status.error) == ("stopped", None)


def test_a_run_whose_server_died_before_it_started_the_worker_is_queued_again(
    jobs: JobManager, warehouse: Warehouse, settings: Settings, tmp_path: Path
) -> None:
    run_id = count(jobs, 3)
    done = jobs.wait(run_id, WAIT_S)
    folder = settings.runs_folder / run_id
    (folder / PID_FILE).unlink()
    write_status(folder, replace(done, status="running", started_at=warehouse.clock() - 2 * NEVER_STARTED))
    (folder / "taken_in").unlink()
    again = jobs.wait(run_id, WAIT_S)
    assert (again.status, again.result) == ("finished", {"counted": 3})
    assert again.started_at > done.started_at
