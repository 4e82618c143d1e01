"""The job's own process: `python -m core.jobs.worker RUN_FOLDER`. It never opens the warehouse."""

import importlib
import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.errors import IntentLensError, JobFailedError, JobStoppedError
from core.jobs.process import note_worker
from core.jobs.progress import JobContext
from core.jobs.spec import JobSpec

Target = Callable[[JobContext], dict[str, Any]]
NICENESS = 10
"""A job gives way to the server, which answers people."""


def main(folder: Path) -> int:
    """Run the job of a run folder to its end and record how it ended; 0 only when it finished."""
    note_worker(folder, os.getpid())
    context = JobContext(folder, JobSpec.load(folder))
    signal.signal(signal.SIGTERM, lambda *_: setattr(context, "asked_to_stop", True))
    os.nice(NICENESS)
    context.begin()
    try:
        result = load_target(context.spec.target)(context)
    except JobStoppedError:
        context.end("stopped")
        return 2
    except IntentLensError as error:
        context.log(str(error))
        context.end("failed", error=str(error))
        return 1
    except Exception as error:  # the job's border: whatever it was goes into the log and the status
        context.log(traceback.format_exc())
        context.end("failed", error=_plain(error))
        return 1
    context.end("finished", result=result)
    return 0


def load_target(target: str) -> Target:
    """The function named `module:function`.

    Raises:
        JobFailedError: there is no such function.
    """
    module_name, _, name = target.partition(":")
    try:
        found: Target = getattr(importlib.import_module(module_name), name)
    except (ImportError, AttributeError) as error:
        raise JobFailedError(f"The job's function '{target}' cannot be loaded: {error}.") from error
    return found


def _plain(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "The job ran out of memory; choose a smaller size or fewer events a batch."
    if isinstance(error, OSError) and error.errno == 28:
        return f"The disk is full ({error}); make room and start the job again."
    return f"{type(error).__name__}: {error}. The log has the details."


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    sys.exit(main(Path(sys.argv[1])))
