"""`intentlens pretrain`, `finetune`, `evaluate` and `score`: the jobs of the Train page, waited for."""

import shutil
from pathlib import Path
from typing import Any

import click

from app.cli.output import Progress, common_options, opened, reported, say
from core.errors import JobFailedError, JobStoppedError, NoModelError
from core.jobs.manager import PREDICTIONS_FILE, JobManager
from core.jobs.progress import RunStatus
from core.registry.models import ModelRecord, champion, get_model
from core.store.warehouse import Warehouse

_POLL_S = 0.3


@click.command()
@click.option("--size", type=click.Choice(["tiny", "small", "base"]), default="small", show_default=True)
@click.option("--epochs", type=int, help="Passes over all events; the default fits most shops.")
@click.option("--seed", default=0, show_default=True)
@common_options
@reported
def pretrain(size: str, epochs: int | None, seed: int, home: str | None, as_json: bool) -> None:
    """Pretrain the session model on all events; needs no labels."""
    arguments: dict[str, Any] = {"size": size} | ({"epochs": epochs} if epochs else {})
    with opened(home) as warehouse:
        run, _ = _run(warehouse, "pretrain", arguments, seed=seed, as_json=as_json)
    say({"model_id": run.run_id, "metrics": run.metrics}, f"Pretrained model {run.run_id}", as_json=as_json)


@click.command()
@click.option("--recipe", type=click.Choice(["full", "head"]), default="full", show_default=True)
@click.option("--epochs", type=int, help="Epochs at most; it stops early by itself.")
@click.option("--seed", default=0, show_default=True)
@common_options
@reported
def finetune(recipe: str, epochs: int | None, seed: int, home: str | None, as_json: bool) -> None:
    """Fine-tune the newest pretrained model on the labels; the first model becomes the champion."""
    arguments: dict[str, Any] = {"recipe": recipe} | ({"epochs": epochs} if epochs else {})
    with opened(home) as warehouse:
        run, _ = _run(warehouse, "finetune", arguments, seed=seed, as_json=as_json)
        record = get_model(warehouse, run.run_id)
    say(_evaluation(record), _words(record), as_json=as_json)


@click.command()
@click.option("--model", "model_id", help="A model's id; the champion without.")
@common_options
@reported
def evaluate(model_id: str | None, home: str | None, as_json: bool) -> None:
    """Show a model's figures on its held-out labels beside the baselines that learned from the same rows."""
    with opened(home) as warehouse:
        record = _model(warehouse, model_id)
    say(_evaluation(record), _words(record), as_json=as_json)


@click.command()
@click.option("--out", "out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="A Parquet file.")
@click.option("--model", "model_id", help="A model's id; the champion without.")
@common_options
@reported
def score(out: Path, model_id: str | None, home: str | None, as_json: bool) -> None:
    """Write every event's intent probabilities: event_id, session_id, visitor_id, model, p_<intent> each."""
    with opened(home) as warehouse:
        record = _model(warehouse, model_id)
        run, output = _run(warehouse, "score", {}, base_model=record.folder, as_json=as_json)
        rows = _write_scores(output / PREDICTIONS_FILE, out)
    result = {"file": str(out), "events": rows, "model": run.result["model_id"]}
    say(result, f"{rows} events scored by {result['model']} in {out}", as_json=as_json)


def _run(
    warehouse: Warehouse,
    kind: str,
    arguments: dict[str, Any],
    *,
    seed: int = 0,
    base_model: Path | None = None,
    as_json: bool,
) -> tuple[RunStatus, Path]:
    """Start a job, show how far it is, and wait; Ctrl+C stops it.

    Raises:
        JobFailedError, JobStoppedError: with the job's own words.
    """
    jobs = JobManager(warehouse, warehouse.settings)
    bar = Progress(kind, as_json=as_json)
    try:
        run_id = jobs.start(kind, arguments, base_model=base_model, seed=seed)
        try:
            run = jobs.wait(run_id, timeout_s=_POLL_S)
            while not run.is_over:
                bar.show(run.phase or run.status, run.step, run.total or None)
                run = jobs.wait(run_id, timeout_s=_POLL_S)
            run = jobs.wait(run_id)
        except KeyboardInterrupt:
            jobs.stop(run_id)
            run = jobs.wait(run_id)
        bar.close()
        output = jobs.output(run_id)
    finally:
        jobs.close()
    if run.status == "stopped":
        raise JobStoppedError(f"The {kind} run '{run_id}' was stopped.")
    if run.status != "finished":
        raise JobFailedError(f"The {kind} run '{run_id}' failed: {run.error}")
    return run, output


def _model(warehouse: Warehouse, model_id: str | None) -> ModelRecord:
    record = get_model(warehouse, model_id) if model_id else champion(warehouse)
    if record is None:
        raise NoModelError("No model can say intents yet; label some sessions and run `intentlens finetune`.")
    return record


def _evaluation(record: ModelRecord) -> dict[str, Any]:
    baselines = record.card.get("baselines") or {}
    return {
        "model_id": record.model_id,
        "status": record.status,
        "intents": list(record.intents),
        "labels": record.card.get("labels"),
        "metrics": record.metrics,
        "baselines": baselines,
    }


def _words(record: ModelRecord) -> str:
    """The figures as a small table."""
    rows = {record.model_id: record.metrics} | (record.card.get("baselines") or {})
    lines = [f"{'':28} macro-F1   95 % interval     ECE"]
    for name, metrics in rows.items():
        if "macro_f1" in metrics:
            low, high = metrics["macro_f1_interval"]
            lines.append(f"{name:28} {metrics['macro_f1']:8.3f}   {low:.3f} to {high:.3f}   {metrics['ece']:.3f}")
    lines.append(f"on {record.metrics.get('labels', 0)} held-out labels; model is {record.status}")
    return "\n".join(lines)


def _write_scores(predictions: Path, out: Path) -> int:
    """The run's predictions without the list column, which the probability columns repeat."""
    import pyarrow.parquet as pq

    table = pq.read_table(predictions)
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(out.name + ".part")
    pq.write_table(table.drop_columns(["probabilities"]), part, compression="zstd")
    shutil.move(part, out)
    return int(table.num_rows)
