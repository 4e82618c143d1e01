"""`intentlens`: the whole product without a browser."""

import logging

import click

from app.cli.annotations import annotations
from app.cli.broker import broker
from app.cli.continuing import continue_command
from app.cli.errors import ReportingGroup
from app.cli.evaluating import evaluate
from app.cli.explaining import explain
from app.cli.explanations import explanations
from app.cli.home import home_option
from app.cli.importing import import_command
from app.cli.keys import keys
from app.cli.purchase import purchase
from app.cli.registry import models
from app.cli.replaying import replay
from app.cli.reporting import report
from app.cli.rules import rules
from app.cli.scoring import score
from app.cli.serve import serve
from app.cli.taxonomy import taxonomy
from app.cli.texts import texts
from app.cli.training import finetune, pretrain
from app.cli.webhooks import webhooks


@click.group(cls=ReportingGroup)
@click.version_option(package_name="intentlens")
@home_option
def main(home: str | None) -> None:
    """What every shopper is trying to do right now, and why.

    One process owns a data folder at a time; while a server runs on it, the other commands say so.
    """
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")


for command in (
    serve,
    import_command,
    annotations,
    rules,
    taxonomy,
    pretrain,
    finetune,
    continue_command,
    purchase,
    evaluate,
    score,
    explain,
    explanations,
    report,
    texts,
    models,
    keys,
    webhooks,
    replay,
    broker,
):
    main.add_command(command)

if __name__ == "__main__":
    main()
