"""`intentlens`: the whole product without a browser."""

import logging

import click

from app.cli.data import annotations, import_command
from app.cli.explaining import explain
from app.cli.models import evaluate, finetune, pretrain, score
from app.cli.output import reported, settings_of


@click.group()
@click.version_option(package_name="intentlens")
def main() -> None:
    """What every shopper is trying to do right now, and why."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")


@main.command()
@click.option("--host", help="The address to listen on; 127.0.0.1 by default.")
@click.option("--port", type=int, help="The port; 8501 by default, 0 takes a free one.")
@click.option("--home", type=click.Path(file_okay=False), help="The data folder; INTENTLENS_HOME otherwise.")
@reported
def serve(host: str | None, port: int | None, home: str | None) -> None:
    """Serve the app and the API until Ctrl+C."""
    from app.server import serve as serve_app  # Streamlit, which other commands do without

    serve_app(settings_of(home, host=host, port=port))


for command in (import_command, annotations, pretrain, finetune, evaluate, score, explain):
    main.add_command(command)

if __name__ == "__main__":
    main()
