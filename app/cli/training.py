"""`intentlens pretrain` and `intentlens finetune`: the jobs of the Train page, waited for."""

from pathlib import Path
from typing import Any

import click

from app.cli.evaluating import evaluation, evaluation_words
from app.cli.home import common_options, opened
from app.cli.jobs import Order, run_job
from app.cli.output import say
from app.training_choices import OPTIONS, RECIPES
from core.registry.models import get_model

SIZES = ("tiny", "small", "base")
"""As core.model.config names them (a test holds that); it loads torch, help must not."""

_EPOCHS = click.IntRange(1, 1000)
_RATE = click.FloatRange(0, 1, min_open=True, max_open=True)
_SEED = click.option("--seed", default=0, show_default=True, help="The same seed and data give the same model.")


@click.command()
@click.option("--size", type=click.Choice(SIZES), default="small", show_default=True)
@click.option("--epochs", type=_EPOCHS, help="Passes over all events; the default fits most shops.")
@click.option("--learning-rate", type=_RATE, help="Lower it when a run diverges.")
@click.option("--text-encoder", help="own, minilm, or a Hugging Face encoder by folder or name.")
@click.option("--image-encoder", help="own, or a Hugging Face vision encoder by folder or name.")
@click.option("--leave-out", help="Fields or columns it must not read, such as country; commas between.")
@_SEED
@common_options
def pretrain(
    size: str,
    epochs: int | None,
    learning_rate: float | None,
    text_encoder: str | None,
    image_encoder: str | None,
    leave_out: str | None,
    seed: int,
    home: str | None,
    as_json: bool,
) -> None:
    """Pretrain the session model on all events; needs no labels."""
    arguments = _given(
        size=size,
        epochs=epochs,
        learning_rate=learning_rate,
        text_encoder=_whole_path(text_encoder),
        image_encoder=_whole_path(image_encoder),
        leave_out=leave_out,
    )
    order = Order("pretrain", arguments, seed)
    with opened(home) as warehouse:
        run = run_job(warehouse, order, as_json=as_json).run
    words = f"Pretrained {run.run_id}, loss {run.metrics.get('loss', float('nan')):.3f}. Next: intentlens finetune"
    say({"model_id": run.run_id, "metrics": run.result["metrics"]}, words, as_json=as_json)


@click.command()
@click.option(
    "--recipe",
    type=click.Choice(RECIPES),
    default="auto",
    show_default=True,
    help="auto chooses by the number of labels; head is done in seconds.",
)
@click.option(
    "--option",
    "options",
    multiple=True,
    metavar="NAME=VALUE",
    help=f"An argument of fine-tuning, as often as needed: {', '.join(OPTIONS)}, patience, label_smoothing, …",
)
@click.option("--base", "base_id", help="The model to start from; the newest pretrained one without.")
@click.option("--epochs", type=_EPOCHS, help="Epochs at most; it stops early by itself.")
@click.option("--learning-rate", type=_RATE, help="Lower it when a run diverges.")
@click.option("--wanted-accuracy", type=click.FloatRange(0, 1, max_open=True), help="Abstain below what reaches it.")
@click.option("--promote", is_flag=True, help="Let the new model serve; the very first one does anyway.")
@_SEED
@common_options
def finetune(
    recipe: str,
    options: tuple[str, ...],
    base_id: str | None,
    epochs: int | None,
    learning_rate: float | None,
    wanted_accuracy: float | None,
    promote: bool,
    seed: int,
    home: str | None,
    as_json: bool,
) -> None:
    """Fine-tune a pretrained model on the labels, and show its figures on held-out ones."""
    given = _given(recipe=recipe, epochs=epochs, learning_rate=learning_rate, wanted_accuracy=wanted_accuracy)
    arguments = _pairs(options) | given
    with opened(home) as warehouse:
        base = get_model(warehouse, base_id).folder if base_id else None
        done = run_job(warehouse, Order("finetune", arguments, seed, base, promote), as_json=as_json)
        record = get_model(warehouse, done.run.run_id)
    say(evaluation(record), evaluation_words(record), as_json=as_json)


def _pairs(options: tuple[str, ...]) -> dict[str, str]:
    """NAME=VALUE pairs; the job knows the names and says which value it does not take."""
    pairs = dict(option.partition("=")[::2] for option in options)
    for name, value in pairs.items():
        if not name or not value:
            raise click.BadParameter(f"'{name}' has no value, expected NAME=VALUE.", param_hint="--option")
    return pairs


def _whole_path(source: str | None) -> str | None:
    """A folder by its whole path: the job runs elsewhere."""
    return str(Path(source).absolute()) if source and Path(source).is_dir() else source


def _given(**options: Any) -> dict[str, Any]:
    """The arguments that were given; the job knows the others' defaults."""
    return {name: value for name, value in options.items() if value is not None}
