"""Small real jobs for the tests; they run in the worker's process like any other."""

import time
from typing import Any

from core.errors import TooFewLabelsError
from core.jobs.progress import JobContext
from core.training.context import stop_if_asked


def count(context: JobContext) -> dict[str, Any]:
    """Count to `steps`, a step every `pause_s`; stops when asked."""
    steps, pause_s = int(context.spec.arguments["steps"]), float(context.spec.arguments["pause_s"])
    for step in range(1, steps + 1):
        stop_if_asked(context)
        context.report(step, steps, "count", value=float(step * step))
        time.sleep(pause_s)
    context.log(f"counted to {steps}")
    return {"counted": steps}


def refuse(context: JobContext) -> dict[str, Any]:
    raise TooFewLabelsError("Only 1 session is labelled, expected 2; label one more on the Label page.")


def crash(context: JobContext) -> dict[str, Any]:
    raise ZeroDivisionError("a mistake of the programmer")
