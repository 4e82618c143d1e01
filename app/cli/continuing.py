"""`intentlens continue`: the serving model learns the labels made since, and keeps what it knew."""

import click

from app.cli.evaluating import evaluation, evaluation_words
from app.cli.home import common_options, opened
from app.cli.jobs import Order, run_job
from app.cli.output import say
from core.registry.models import get_model


@click.command("continue")
@click.option("--base", "base_id", help="The model to continue; the champion without.")
@click.option("--recipe", help="head (default) refits the read-out; full trains all weights, held by distillation.")
@click.option("--since", help="Labels made later are new (ISO time, UTC); by default those after the base was made.")
@click.option("--replay", type=click.IntRange(0), help="Earlier labelled sessions learned again, at most, per intent.")
@click.option("--promote", is_flag=True, help="Let the new model serve if it is not worse.")
@click.option("--seed", default=0, show_default=True, help="The same seed and data give the same model.")
@common_options
def continue_command(
    base_id: str | None,
    recipe: str | None,
    since: str | None,
    replay: int | None,
    promote: bool,
    seed: int,
    home: str | None,
    as_json: bool,
) -> None:
    """Learn the newest labels from a fine-tuned model without forgetting the earlier ones."""
    given = {"recipe": recipe, "since": since, "replay": replay}
    arguments = {name: value for name, value in given.items() if value is not None}
    with opened(home) as warehouse:
        base = get_model(warehouse, base_id).folder if base_id else None
        done = run_job(warehouse, Order("continue", arguments, seed, base, promote), as_json=as_json)
        record = get_model(warehouse, done.run.run_id)
    say(evaluation(record), evaluation_words(record), as_json=as_json)
