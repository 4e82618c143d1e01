"""`intentlens purchase`: will this session buy, at every event, learned from the logs without labels."""

from collections.abc import Mapping
from typing import Any

import click

from app.cli.home import common_options, opened
from app.cli.jobs import Order, run_job
from app.cli.output import say, table
from core.registry.models import get_model


@click.command()
@click.option("--target", help="The event type that counts as buying; purchase without.")
@click.option("--base", "base_id", help="The model to start from; the newest pretrained one without.")
@click.option("--epochs", type=click.IntRange(1, 1000), help="Epochs at most; it stops early by itself.")
@click.option("--seed", default=0, show_default=True, help="The same seed and data give the same model.")
@common_options
def purchase(
    target: str | None, base_id: str | None, epochs: int | None, seed: int, home: str | None, as_json: bool
) -> None:
    """Train a model that says at every event whether the session will buy; needs orders in the logs, no labels.

    The events of a session from its first order on are never read. The latest visitors are the test, for the model
    and for boosted trees on the same events.
    """
    arguments = {name: value for name, value in (("target", target), ("epochs", epochs)) if value is not None}
    with opened(home) as warehouse:
        base = get_model(warehouse, base_id).folder if base_id else None
        run = run_job(warehouse, Order("purchase", arguments, seed, base), as_json=as_json).run
    about = {"model_id": run.run_id} | dict(run.result)
    say(about, purchase_words(about), as_json=as_json)


def purchase_words(about: Mapping[str, Any]) -> str:
    """What people are told: counts, then the table of model and trees."""
    metrics = about["metrics"]
    heading = (
        f"{about['model_id']}: will a session hold a {about['target']}? {metrics['buyers']} of {metrics['sessions']} "
        f"sessions do; measured on the latest {metrics['parts']['test']}. Calibration error "
        f"{metrics['calibration']['ece']:.3f}."
    )
    rows = [["", "sessions", "base rate", "PR-AUC", "95 % interval", "trees", "AUROC", "trees"]]
    rows += [_row(entry) for entry in metrics["table"]]
    return f"{heading}\n\n{table(rows, '<>>>>>>>')}"


def _row(entry: Mapping[str, Any]) -> list[str]:
    name = f"after {entry['at']:.0f} events" if entry["kind"] == "events" else f"at {entry['at']:.0%} of the session"
    model, trees = entry["model"], entry["trees"]
    rate = "-" if entry["base_rate"] is None else f"{entry['base_rate']:.3f}"
    if model is None:
        return [name, str(entry["sessions"]), rate, "-", "-", "-", "-", "-"]
    low, high = model["pr_auc_interval"]
    figures = [f"{model['pr_auc']:.3f}", f"{low:.3f} to {high:.3f}", f"{trees['pr_auc']:.3f}"]
    return [name, str(entry["sessions"]), rate, *figures, f"{model['auroc']:.3f}", f"{trees['auroc']:.3f}"]
