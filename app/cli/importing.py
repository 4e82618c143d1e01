"""`intentlens import`: event files in."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from app.cli.errors import code_of, tell_error
from app.cli.home import common_options, opened
from app.cli.output import say
from app.cli.progress import Progress
from app.cli.stopping import stop_wish
from core.errors import ColumnMappingError, IntentLensError, JobStoppedError, UnreadableFileError
from core.store.import_pipeline import ImportProgress, import_file
from core.store.import_result import ImportResult
from core.store.warehouse import Warehouse


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--mapping", help="A preset's name, or JSON of our columns to the file's; guessed without.")
@common_options
def import_command(files: tuple[Path, ...], mapping: str | None, home: str | None, as_json: bool) -> None:
    """Import event FILES: CSV, JSON Lines or Parquet, gzipped or not.

    A file imported twice adds nothing. Rows that cannot be used are kept with the reason. One file's failure does not
    keep the others out; the exit code then is 1.
    """
    results: list[dict[str, Any]] = []
    failures: list[IntentLensError] = []
    with opened(home, create=True) as warehouse, stop_wish() as asked:
        for path in files:
            try:
                results.append(_import(warehouse, path, mapping, asked, as_json=as_json))
            except (UnreadableFileError, ColumnMappingError) as error:
                failures.append(type(error)(f"{path}: {error}") if len(files) > 1 else error)
                results.append({"file": str(path), "error": {"code": code_of(error), "message": str(error)}})
                if not as_json and len(files) > 1:
                    tell_error(code_of(error), str(failures[-1]), as_json=False)
            if asked():
                break
    if as_json:
        say({"imports": results}, "", as_json=True)
    _raise_what_failed(failures, results, files)


def _import(
    warehouse: Warehouse, path: Path, mapping: str | None, asked: Callable[[], bool], *, as_json: bool
) -> dict[str, Any]:
    with Progress(path.name, as_json=as_json) as bar:

        def tell(progress: ImportProgress) -> None:
            bar.show(progress.phase, progress.rows_read, progress.rows_estimate)

        result = import_file(warehouse, path, mapping=mapping, progress=tell, should_stop=asked)
    if not as_json:
        click.echo(_words(path, result))
    if result.rejected and result.rejected == result.rows_read:
        raise UnreadableFileError(
            f"All {result.rows_read} rows of '{path.name}' were rejected ({_reasons(result)}), expected events; "
            "check the columns and give a --mapping."
        )
    return {"file": str(path)} | vars(result)


def _words(path: Path, result: ImportResult) -> str:
    words = (
        f"{path}: {result.rows_read} rows, {result.added} added, {result.duplicates} duplicates, "
        f"{result.rejected} rejected"
    )
    return f"{words} ({_reasons(result)})" if result.rejected else words


def _reasons(result: ImportResult) -> str:
    return ", ".join(f"{reason} {rows}" for reason, rows in result.report.get("rejected", {}).items())


def _raise_what_failed(failures: list[IntentLensError], results: list[dict[str, Any]], files: tuple[Path, ...]) -> None:
    if len(failures) == 1 and len(files) == 1:
        raise failures[0]
    if failures:
        raise type(failures[0])(f"{len(failures)} of {len(files)} files were not imported. First: {failures[0]}")
    if len(results) < len(files) or results[-1]["stopped"]:
        raise JobStoppedError("The import was stopped; what was added stays. Import again for the rest.")
