"""`intentlens import` and `intentlens annotations`: events and labels in, labels out."""

from pathlib import Path
from typing import Any

import click

from app.cli.output import Progress, common_options, opened, reported, say
from core.intents.exchange import FORMATS, Format, export_annotations, import_annotations
from core.store.import_pipeline import ImportProgress, import_file

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=_FILE)
@click.option("--mapping", help="A preset's name, or JSON of our columns to the file's; guessed without.")
@common_options
@reported
def import_command(files: tuple[Path, ...], mapping: str | None, home: str | None, as_json: bool) -> None:
    """Import event FILES (CSV, JSON Lines or Parquet, gzipped or not). A file imported twice adds nothing."""
    results: list[dict[str, Any]] = []
    with opened(home) as warehouse:
        for path in files:
            bar = Progress(path.name, as_json=as_json)

            def tell(progress: ImportProgress, bar: Progress = bar) -> None:
                bar.show(progress.phase, progress.rows_read, progress.rows_estimate)

            result = import_file(warehouse, path, mapping=mapping, progress=tell)
            bar.close()
            results.append({"file": str(path)} | vars(result))
            if not as_json:
                click.echo(
                    f"{path}: {result.rows_read} rows, {result.added} added, {result.duplicates} duplicates, "
                    f"{result.rejected} rejected"
                )
    if as_json:
        say({"imports": results}, "", as_json=True)


@click.group()
def annotations() -> None:
    """Labels in and out, one canonical line each."""


@annotations.command("import")
@click.argument("file", type=_FILE)
@common_options
@reported
def import_annotations_command(file: Path, home: str | None, as_json: bool) -> None:
    """Add the annotations of FILE (JSON Lines, CSV or Parquet); a second time adds nothing."""
    with opened(home) as warehouse:
        done = import_annotations(warehouse, file)
    rejected = [{"line": line, "reason": reason} for line, reason in done.rejected]
    for row in [] if as_json else rejected:
        click.echo(f"line {row['line']}: {row['reason']}", err=True)
    words = f"{done.added} added, {done.duplicates} there already, {len(rejected)} rejected"
    say({"added": done.added, "duplicates": done.duplicates, "rejected": rejected}, words, as_json=as_json)


@annotations.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--format", "format_name", type=click.Choice(FORMATS), help="By the file's ending without.")
@common_options
@reported
def export_annotations_command(file: Path, format_name: Format | None, home: str | None, as_json: bool) -> None:
    """Write the current annotations to FILE."""
    ending = file.suffix.removeprefix(".")
    by_ending: Format = next((name for name in FORMATS if name == ending), "jsonl")
    chosen: Format = format_name or by_ending
    with opened(home) as warehouse:
        count = export_annotations(warehouse, file, chosen)
    say({"file": str(file), "annotations": count, "format": chosen}, f"{count} annotations in {file}", as_json=as_json)
