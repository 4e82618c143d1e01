"""`intentlens score`: every event's intent probabilities as a file."""

from pathlib import Path

import click

from app.cli.home import common_options, opened
from app.cli.jobs import Order, run_job
from app.cli.models import chosen_model
from app.cli.output import OutputFile, say
from core.jobs.manager import PREDICTIONS_FILE


@click.command()
@click.option("--out", required=True, type=OutputFile(), help="The Parquet file to write.")
@click.option("--model", "model_id", help="A model's id; the champion without.")
@common_options
def score(out: Path, model_id: str | None, home: str | None, as_json: bool) -> None:
    """Write every event's intent probabilities to a Parquet file.

    Columns: event_id, session_id, visitor_id, model, and p_<intent> for each intent. Bots are left out.
    """
    with opened(home) as warehouse:
        record = chosen_model(warehouse, model_id)
        done = run_job(warehouse, Order("score", {}, base_model=record.folder), as_json=as_json)
        rows = _write_scores(done.output / PREDICTIONS_FILE, out)
    result = {"file": str(out), "events": rows, "model": record.model_id}
    say(result, f"{rows} events scored by {record.model_id} in {out}", as_json=as_json)


def _write_scores(predictions: Path, out: Path) -> int:
    """The run's predictions without its lists: the probability columns repeat one, queues use the other; whole or not
    at all."""
    import pyarrow.parquet as pq

    scores = pq.read_table(predictions).drop_columns(["probabilities", "embedding"])
    part = out.with_name(f".{out.name}.part")
    pq.write_table(scores, part, compression="zstd")
    part.replace(out)
    return int(scores.num_rows)
