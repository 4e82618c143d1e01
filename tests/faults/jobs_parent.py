"""A server's stand-in for the fault test: opens a data folder, starts a counting job, then waits to be killed."""

import sys
import time
from pathlib import Path

from core.jobs.manager import JobManager
from core.settings import Settings
from core.store.warehouse import Warehouse


def main(home: Path) -> None:
    settings = Settings(home=home, sample_shop=False)
    manager = JobManager(Warehouse.open(settings), settings)
    run_id = manager.start("pretrain", {"steps": 80, "pause_s": 0.05}, target="tests.core.jobs.functions:count")
    while manager.status(run_id).step < 3:
        time.sleep(0.05)
    (home / "run_id").write_text(run_id)
    time.sleep(600)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
