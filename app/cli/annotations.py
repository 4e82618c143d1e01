"""`intentlens annotations`: labels in and out, in our own files or those of other labeling tools."""

import csv
from pathlib import Path

import click

from app.cli.home import common_options, opened
from app.cli.output import OutputFile, say
from core.errors import InvalidAnnotationError
from core.intents.exchange import check_annotations, export_annotations, import_annotations
from core.intents.exchange.importing import ImportedAnnotations, RejectedLine
from core.intents.exchange.intent_names import parse_mapping
from core.intents.exchange.registry import EXPORTED, FORMATS, IMPORTED


@click.group()
def annotations() -> None:
    """Labels in and out, in our own files or those of other labeling tools."""


@annotations.command("import")
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--format", "format_name", type=click.Choice(IMPORTED), help="Found out by the file without.")
@click.option("--map", "mapping", multiple=True, help="'Buy now=purchase': what a word of the file means; repeatable.")
@click.option("--rejected", "report", type=OutputFile(), help="A CSV file to write: the lines that were not taken.")
@click.option("--check", is_flag=True, help="Say what would be taken and change nothing.")
@common_options
def import_command(
    file: Path,
    format_name: str | None,
    mapping: tuple[str, ...],
    report: Path | None,
    check: bool,
    home: str | None,
    as_json: bool,
) -> None:
    """Add the annotations of FILE; a second time adds nothing.

    Lines whose session, event or intent is not known here are rejected with the reason, and the others added.
    """
    act = check_annotations if check else import_annotations
    with opened(home, create=not check) as warehouse:
        done = act(warehouse, file, format=format_name, mapping=parse_mapping(mapping))
    if report is not None:
        _write_report(report, done.rejected)
    _tell(done, check=check, as_json=as_json)
    if done.rejected and not done.added and not done.duplicates:
        first = done.rejected[0].message
        raise InvalidAnnotationError(
            f"None of the {len(done.rejected)} lines of '{file}' could be used. First: {first}"
        )


@annotations.command("export")
@click.argument("file", type=OutputFile(folder=True))
@click.option("--format", "format_name", type=click.Choice(EXPORTED), help="By the file's ending without, else jsonl.")
@common_options
def export_command(file: Path, format_name: str | None, home: str | None, as_json: bool) -> None:
    """Write the current annotations to FILE (for `datasets` a folder)."""
    by_ending = {".csv": "csv", ".parquet": "parquet", ".json": "label-studio"}
    chosen = format_name or by_ending.get(file.suffix, "jsonl")
    if file.is_dir() and not FORMATS[chosen].is_folder:
        raise InvalidAnnotationError(f"'{file}' is a folder, expected the name of a file for the format '{chosen}'.")
    with opened(home) as warehouse:
        count = export_annotations(warehouse, file, chosen)
    say({"file": str(file), "annotations": count, "format": chosen}, f"{count} annotations in {file}", as_json=as_json)


def _tell(done: ImportedAnnotations, *, check: bool, as_json: bool) -> None:
    rejected = [{"line": row.line, "reason": row.message} for row in done.rejected]
    for row in [] if as_json else rejected:
        click.echo(f"line {row['line']}: {row['reason']}", err=True)
    for word, times in {} if as_json else done.unknown_intents.items():
        click.echo(f"'{word}' (×{times}) is no intent here; say what it means by --map '{word}=INTENT'", err=True)
    words = f"{done.added} {'new' if check else 'added'}, {done.duplicates} there already, {len(rejected)} rejected"
    result = {"added": done.added, "duplicates": done.duplicates, "rejected": rejected}
    more = {"format": done.format, "unknown_intents": done.unknown_intents, "checked_only": check}
    say(result | more, words, as_json=as_json)


def _write_report(path: Path, rejected: list[RejectedLine]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("line", "reason", "message", "raw"))
        writer.writerows((row.line, row.reason, row.message, row.raw) for row in rejected)
