"""`intentlens taxonomy`: what the intents are, and the same file in and out as on the Intents page."""

from pathlib import Path

import click

from app.cli.home import common_options, opened
from app.cli.jobs import ACTOR
from app.cli.output import OutputFile, say, table
from core.intents.differences import Difference, differences
from core.intents.editing import Replace
from core.intents.intent import Intent
from core.intents.taxonomy import current_version, load_taxonomy
from core.intents.taxonomy_file import decode_taxonomy, write_taxonomy
from core.intents.versions import edit_taxonomy


@click.group()
def taxonomy() -> None:
    """The intents that annotators choose from: show, export, import."""


@taxonomy.command("show")
@click.option("--all", "inactive", is_flag=True, help="Also those that were retired, split or merged.")
@common_options
def show_command(inactive: bool, home: str | None, as_json: bool) -> None:
    """List the intents: id, key, name, definition."""
    with opened(home) as warehouse:
        found = load_taxonomy(warehouse, inactive=inactive)
        version = current_version(warehouse).number
    head = ["intent", "key", "name", "state", "definition"]
    rows = [[one.id, one.key, _words(one.name), _state(one), _words(one.definition)] for one in found]
    about = [{"id": one.id, "key": one.key, "name": one.name, "state": _state(one)} for one in found]
    words = f"version {version}\n\n{table([head, *rows], '<<<<<')}"
    say({"version": version, "intents": about}, words, as_json=as_json)


@taxonomy.command("export")
@click.argument("file", type=OutputFile())
@common_options
def export_command(file: Path, home: str | None, as_json: bool) -> None:
    """Write all intents with their guidelines to FILE, as JSON."""
    with opened(home) as warehouse:
        found = load_taxonomy(warehouse, inactive=True)
        version = current_version(warehouse).number
    part = file.with_name(f".{file.name}.part")
    part.write_text(write_taxonomy(found) + "\n", encoding="utf-8")
    part.replace(file)
    told = {"file": str(file), "version": version, "intents": len(found)}
    say(told, f"{len(found)} intents of version {version} in {file}", as_json=as_json)


@taxonomy.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--author", default=ACTOR, show_default=True, help="Who changes them, for the history.")
@click.option("--check", is_flag=True, help="Say what would change and change nothing.")
@common_options
def import_command(file: Path, author: str, check: bool, home: str | None, as_json: bool) -> None:
    """Let the intents be those of FILE; any that it lacks stay, retired, with their labels.

    The Intents page can undo it, from its history.
    """
    given = decode_taxonomy(file.read_bytes(), file.name)
    with opened(home, create=not check) as warehouse:
        before, version = load_taxonomy(warehouse, inactive=True), current_version(warehouse).number
        edit = Replace(given, file.name)
        found = differences(before, edit.apply(before))
        if found and not check:
            version = edit_taxonomy(warehouse, [edit], author=author).number
    told = {"file": str(file), "version": version, "changed": [one.intent for one in found], "checked_only": check}
    say(told, _change_words(found, version, check=check), as_json=as_json)


def _change_words(found: list[Difference], version: int, *, check: bool) -> str:
    if not found:
        return f"Nothing differs from version {version}."
    verb = "would change" if check else f"changed in version {version}"
    lines = [f"{len(found)} intents {verb}: {', '.join(one.intent for one in found)}"]
    for one in found:
        told = [
            f"  {line.mark} {line.field}{f' ({line.language})' if line.language else ''}: {line.text}"
            for line in one.lines
        ]
        lines += ["", one.intent, *told]
    return "\n".join(lines)


def _state(intent: Intent) -> str:
    if intent.active:
        return "offered"
    if intent.merged_into:
        return f"merged into {intent.merged_into}"
    return f"split into {', '.join(intent.split_into)}" if intent.split_into else "retired"


def _words(texts: dict[str, str]) -> str:
    return texts.get("en", "")
