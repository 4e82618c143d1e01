"""`intentlens models`: list them, export one, promote one."""

from contextlib import closing
from pathlib import Path

import click

from app.cli.home import common_options, opened
from app.cli.jobs import ACTOR, finish_queued
from app.cli.output import say, table
from core.jobs.manager import JobManager
from core.registry.export.folders import export_model
from core.registry.export.readme import FORMATS, Format
from core.registry.gate.promotion import last_judgement
from core.registry.models import ModelRecord, get_model, list_models


@click.group()
def models() -> None:
    """Registered models: list, export, promote."""


@models.command("list")
@common_options
def list_command(home: str | None, as_json: bool) -> None:
    """List all models, newest first; the champion serves."""
    with opened(home) as warehouse:
        records = list_models(warehouse)
    head = ["model", "kind", "status", "macro-F1", "labels", "made (UTC)"]
    words = table([head, *(_row(record) for record in records)], "<<<>>>") if records else "No model yet."
    say({"models": [_about(record) for record in records]}, words, as_json=as_json)


@models.command("export")
@click.argument("model_id", metavar="MODEL")
@click.option("--format", "kind", type=click.Choice(FORMATS), default="hf", show_default=True)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The folder to write; must not exist yet.")
@common_options
def export_command(model_id: str, kind: Format, out: Path, home: str | None, as_json: bool) -> None:
    """Write MODEL as a Hugging Face folder (hf) or as ONNX graphs checked against it (onnx)."""
    with opened(home) as warehouse:
        record = get_model(warehouse, model_id)
    export_model(record.folder, kind, out)
    files = sorted(path.name for path in out.iterdir())
    words = f"{model_id} written to {out} ({', '.join(files)})"
    say({"model_id": model_id, "format": kind, "folder": str(out), "files": files}, words, as_json=as_json)


@models.command("promote")
@click.argument("model_id", metavar="MODEL")
@click.option("--force", is_flag=True, help="Let it serve even if it is worse on an intent; this is journaled.")
@common_options
def promote_command(model_id: str, force: bool, home: str | None, as_json: bool) -> None:
    """Let MODEL serve, unless it is worse than the present champion on an intent beyond chance."""
    with opened(home) as warehouse:
        with closing(JobManager(warehouse, warehouse.settings)) as jobs:
            jobs.promote(model_id, force=force, actor=ACTOR)
            finish_queued(jobs, as_json=as_json)
        decision = last_judgement(warehouse, model_id)
    reason = decision.words() if decision else ""
    say({"model_id": model_id, "forced": force, "reason": reason}, f"{model_id} serves now. {reason}", as_json=as_json)


def _row(record: ModelRecord) -> list[str]:
    score = record.metrics.get("macro_f1")
    return [
        record.model_id,
        record.kind,
        record.status if record.kind == "finetuned" else "",
        "-" if score is None else f"{score:.3f}",
        str(record.card.get("labels", "-")),
        f"{record.created_at:%Y-%m-%d %H:%M}",
    ]


def _about(record: ModelRecord) -> dict[str, object]:
    return {
        "model_id": record.model_id,
        "kind": record.kind,
        "status": record.status,
        "macro_f1": record.metrics.get("macro_f1"),
        "labels": record.card.get("labels"),
        "created_at": record.created_at.isoformat(),
    }
