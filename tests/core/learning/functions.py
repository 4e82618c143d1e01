"""Trainings in a moment: real processes and real run folders, without a model or with one."""

import json
import shutil
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import TooFewLabelsError
from core.jobs.progress import JobContext
from core.registry.models import NEEDED_FILES
from core.training.context import stop_if_asked


def learn(context: JobContext) -> dict[str, Any]:
    """A model folder, with the evaluation that the arguments name; takes `pause_s`, stops when asked."""
    end = time.monotonic() + float(context.spec.arguments.get("pause_s", 0))
    while time.monotonic() < end:
        stop_if_asked(context)
        time.sleep(0.02)
    write_model(context.spec.output, context.spec.run_id)
    if given := context.spec.arguments.get("evaluation"):
        shutil.copyfile(given, context.spec.output / "evaluation.parquet")
    return {}


def score(context: JobContext) -> dict[str, Any]:
    """Predictions of every event, all alike."""
    events = pq.read_table(context.spec.snapshot / "events.parquet")
    columns = {name: events[name] for name in ("event_id", "session_id", "visitor_id")}
    columns["probabilities"] = pa.array([[0.6, 0.4]] * len(events), pa.list_(pa.float32()))
    columns["embedding"] = pa.array([[1.0, 0.0]] * len(events), pa.list_(pa.float32()))
    context.spec.output.mkdir(exist_ok=True)
    pq.write_table(pa.table(columns), context.spec.output / "predictions.parquet")
    return {"model_id": Path(str(context.spec.base_model)).name}


def refuse(context: JobContext) -> dict[str, Any]:
    raise TooFewLabelsError("Too few, label more.")


def write_model(folder: Path, model_id: str) -> None:
    """As much of a model folder as the registry looks at."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in NEEDED_FILES:
        (folder / name).write_text("{}", encoding="utf-8")
    card = {"model_id": model_id, "kind": "finetuned", "intents": ["browse", "search"], "metrics": {}}
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
