"""pretrain and finetune: what they accept, what they leave behind, and how Ctrl+C ends them."""

import json
import signal
import time
from pathlib import Path

import psutil
import pytest

from app.cli.training import SIZES
from app.training_choices import OPTIONS, PATIENCE, PRETRAINING_EPOCHS, RECIPES, SMOOTHING, TUNINGS
from core.jobs.process import is_alive
from core.jobs.progress import read_status
from core.registry.models import champion
from core.settings import Settings
from core.store.prediction_queries import count_predictions
from core.store.warehouse import Warehouse
from tests.app.cli.calling import call, error_of, start, told


def test_the_choices_are_those_of_training() -> None:
    from core.model import config
    from core.training import arguments

    assert set(config.SIZES) == set(SIZES)
    assert (arguments.RECIPES, arguments.TUNINGS) == (RECIPES, TUNINGS)


def test_the_options_are_arguments_that_are_off_by_default() -> None:
    from core.training.arguments import FinetuneArguments, PretrainArguments, read_arguments

    defaults = FinetuneArguments()
    assert (defaults.label_smoothing, defaults.patience) == (SMOOTHING, PATIENCE)
    assert PretrainArguments().epochs == PRETRAINING_EPOCHS
    for name, strength in OPTIONS.items():
        assert getattr(read_arguments(FinetuneArguments, {name: strength}), name) == strength
        assert getattr(defaults, name) != strength


def test_an_option_without_a_value_is_refused(shop_home: Path) -> None:
    assert "NAME=VALUE" in call(shop_home, "finetune", "--option", "teacher").stderr


@pytest.mark.slow
def test_a_promoted_model_serves_and_has_scored_every_event(shop_home: Path) -> None:
    about = told(call(shop_home, "finetune", "--recipe", "head", "--epochs", "2", "--seed", "3", "--promote", "--json"))
    assert about["status"] == "champion"
    assert "trees" in about["baselines"]
    warehouse = Warehouse.open(Settings(home=shop_home, sample_shop=False))
    serving = champion(warehouse)
    assert serving is not None
    assert (serving.model_id, serving.parent) == (about["model_id"], "sample-pretrained")
    assert count_predictions(warehouse, serving.model_id) > 0
    warehouse.close()
    evaluated = told(call(shop_home, "evaluate", "--json"))
    last = evaluated["events_seen"][-1]
    assert (last["name"], last["seen"]) == ("base_rate", "all")
    assert 0 < last["n"] <= evaluated["metrics"]["labels"]
    assert [row["name"] for row in evaluated["flips"]] == ["model", "trees", "kgram", "base_rate"]


def test_a_failed_job_is_told_in_its_own_words(events_csv: Path, tmp_path: Path) -> None:
    told(call(tmp_path / "home", "import", str(events_csv), "--json"))
    error = error_of(call(tmp_path / "home", "finetune", "--json"))
    assert error["code"] == "job_failed"
    assert "label" in error["message"]


def test_an_unknown_base_is_refused_before_anything_runs(shop_home: Path) -> None:
    assert "'nothing'" in error_of(call(shop_home, "finetune", "--base", "nothing", "--json"))["message"]
    assert not (shop_home / "runs").exists()


@pytest.mark.fault
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_job_and_leaves_no_process(number: signal.Signals, shop_home: Path) -> None:
    command = start(shop_home, "pretrain", "--epochs", "1000", "--json")
    run = _running_run(shop_home)
    worker = int((run / "worker.pid").read_text())
    command.send_signal(number)
    answer, complaint = command.communicate(timeout=90)
    assert (command.returncode, answer) == (130, "")
    assert json.loads(complaint)["error"]["code"] == "job_stopped"
    status = read_status(run)
    assert status is not None
    assert status.status == "stopped"
    psutil.wait_procs([psutil.Process(worker)] if psutil.pid_exists(worker) else [], timeout=10)
    assert not is_alive(run)


def _running_run(home: Path) -> Path:
    """The run folder, once its worker trains."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        for run in home.glob("runs/*"):
            status = read_status(run)
            if status is not None and status.step:
                return run
        time.sleep(0.1)
    raise TimeoutError("The job did not begin to train within 90 s.")
