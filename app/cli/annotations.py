"""`intentlens annotations`: labels in and out, one canonical line each."""

from pathlib import Path

import click

from app.cli.home import common_options, opened
from app.cli.output import OutputFile, say
from core.errors import InvalidAnnotationError
from core.intents.exchange import FORMATS, Format, export_annotations, import_annotations


@click.group()
def annotations() -> None:
    """Labels in and out, one canonical line each."""


@annotations.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@common_options
def import_command(file: Path, home: str | None, as_json: bool) -> None:
    """Add the annotations of FILE (JSON Lines, CSV or Parquet, by its ending); a second time adds nothing."""
    with opened(home, create=True) as warehouse:
        done = import_annotations(warehouse, file)
    rejected = [{"line": line, "reason": reason} for line, reason in done.rejected]
    for row in [] if as_json else rejected:
        click.echo(f"line {row['line']}: {row['reason']}", err=True)
    words = f"{done.added} added, {done.duplicates} there already, {len(rejected)} rejected"
    say({"added": done.added, "duplicates": done.duplicates, "rejected": rejected}, words, as_json=as_json)
    if rejected and not done.added and not done.duplicates:
        first = done.rejected[0][1]
        raise InvalidAnnotationError(f"None of the {len(rejected)} lines of '{file}' could be used. First: {first}")


@annotations.command("export")
@click.argument("file", type=OutputFile())
@click.option("--format", "format_name", type=click.Choice(FORMATS), help="By the file's ending without, else jsonl.")
@common_options
def export_command(file: Path, format_name: Format | None, home: str | None, as_json: bool) -> None:
    """Write the current annotations to FILE."""
    by_ending: Format = next((name for name in FORMATS if file.suffix == f".{name}"), "jsonl")
    chosen = format_name or by_ending
    with opened(home) as warehouse:
        count = export_annotations(warehouse, file, chosen)
    say({"file": str(file), "annotations": count, "format": chosen}, f"{count} annotations in {file}", as_json=as_json)
