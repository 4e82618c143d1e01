"""kill -9 on the process that started a job: the job goes on and is found again."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.jobs.manager import JobManager
from core.settings import Settings
from core.store.warehouse import Warehouse


@pytest.mark.fault
def test_a_job_survives_the_death_of_its_server_and_is_found_again(tmp_path: Path) -> None:
    home = tmp_path / "home"
    parent = subprocess.Popen([sys.executable, "-m", "tests.faults.jobs_parent", str(home)])
    deadline = time.monotonic() + 120
    while not (home / "run_id").exists():
        assert parent.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    parent.send_signal(signal.SIGKILL)
    parent.wait(10)
    run_id = (home / "run_id").read_text()

    settings = Settings(home=home, sample_shop=False)
    warehouse = Warehouse.open(settings)
    manager = JobManager(warehouse, settings)
    try:
        seen = manager.status(run_id)
        assert seen.status == "running"
        status = manager.wait(run_id, 120)
        assert (status.status, status.result) == ("finished", {"counted": 80})
        assert manager.metrics(run_id)["value"].tolist() == [float(step * step) for step in range(1, 81)]
    finally:
        manager.close()
        warehouse.close()
