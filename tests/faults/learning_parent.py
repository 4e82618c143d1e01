"""A server's stand-in for the fault test: opens a data folder and learns while labels are there, until it is killed."""

import sys
import time
from pathlib import Path

from core.jobs.manager import JobManager
from core.jobs.spec import KINDS
from core.learning.loop import LearningLoop
from core.settings import Settings
from core.store.warehouse import Warehouse

FUNCTIONS = "tests.core.learning.functions"


def main(home: Path, pause_s: float) -> None:
    KINDS["score"] = f"{FUNCTIONS}:score"
    settings = Settings(home=home, sample_shop=False)
    warehouse = Warehouse.open(settings)
    jobs = JobManager(warehouse, settings)
    arguments = {"pause_s": pause_s, "evaluation": str(home / "good" / "evaluation.parquet")}
    LearningLoop(warehouse, jobs, arguments=arguments, target=f"{FUNCTIONS}:learn").start()
    time.sleep(600)


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
