"""kill -9 on the server while its learning loop trains: it comes back and goes on, exactly once."""

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.active.learning_loop import LearningOptions
from core.jobs.manager import JobManager
from core.jobs.progress import RunStatus, read_status
from core.learning.options import save_learning_options
from core.learning.situation import read_situation
from core.registry.gate.promotion import PROMOTED
from core.registry.models import champion, list_models, register_model
from core.settings import Settings
from core.store.audit_queries import list_audit
from core.store.prediction_queries import has_states
from core.store.warehouse import Warehouse
from tests.core.active.shop import fill, label
from tests.core.learning.evaluations import write_evaluation
from tests.core.learning.functions import write_model

WAIT_S = 120
KILLS_AFTER_S = (0.0, 1.0, 2.5)
"""Since the training was asked for: at its start, in its middle, and so that it ends while no server is there."""


@pytest.mark.fault
@pytest.mark.timeout(400)
def test_the_loop_goes_on_exactly_once_however_often_its_server_is_killed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    _fill(home)
    for after_s in KILLS_AFTER_S:
        with _server(home) as server:
            _wait(lambda: _trainings(home) != [], server)
            time.sleep(after_s)
    with _server(home) as server:
        _wait(lambda: [run.status for run in _runs(home) if run.kind == "score"] == ["finished"], server)
        time.sleep(3)  # it looks again, and finds nothing to do
    assert [run.status for run in _trainings(home)] == ["finished"]
    _check_outcome(home)


def _fill(home: Path) -> None:
    """Labels enough to train, and a model that serves."""
    settings = Settings(home=home, sample_shop=False)
    warehouse = Warehouse.open(settings)
    fill(warehouse, 12)
    write_model(home / "given", "given")
    shutil.copyfile(write_evaluation(home / "good", 0.9), home / "given" / "evaluation.parquet")
    register_model(warehouse, settings, home / "given")
    save_learning_options(warehouse, LearningOptions(True, 2, 4), changed_by="ana")
    for number in range(6):
        label(warehouse, f"s{number}", "ana", ("browse", "search")[number % 2])
    warehouse.close()


@contextmanager
def _server(home: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Killed at its end, whatever happens."""
    server = subprocess.Popen([sys.executable, "-m", "tests.faults.learning_parent", str(home), "4"])
    try:
        yield server
    finally:
        server.send_signal(signal.SIGKILL)
        server.wait(10)


def _wait(condition: Callable[[], bool], server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert server.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _runs(home: Path) -> list[RunStatus]:
    """Read beside the server, which holds the warehouse."""
    folders = sorted((home / "runs").glob("*")) if (home / "runs").is_dir() else []
    return [status for folder in folders if (status := read_status(folder)) is not None]


def _trainings(home: Path) -> list[RunStatus]:
    return [run for run in _runs(home) if run.kind == "finetune"]


def _check_outcome(home: Path) -> None:
    settings = Settings(home=home, sample_shop=False)
    warehouse = Warehouse.open(settings)
    jobs = JobManager(warehouse, settings)
    try:
        (run,) = _trainings(home)
        serving = champion(warehouse)
        assert serving is not None
        assert serving.model_id == run.run_id
        assert len(list_models(warehouse)) == 2
        assert [row.action for row in list_audit(warehouse, run.run_id)] == [PROMOTED]
        assert has_states(warehouse, run.run_id)
        assert read_situation(warehouse, jobs).new == 0
        assert json.loads((home / "runs" / run.run_id / "spec.json").read_text())["origin"] == "learning"
    finally:
        jobs.close()
        warehouse.close()
