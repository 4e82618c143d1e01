"""How commands speak: words and bars for people on stderr, one JSON object on stdout for machines, errors in both."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar

import click

from core.errors import IntentLensError
from core.settings import Settings, load_settings
from core.store.warehouse import Warehouse

Command = TypeVar("Command", bound=Callable[..., Any])
FAILED = 1


def common_options(command: Command) -> Command:
    """`--home` and `--json` of every command."""
    command = click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for machines.")(command)
    home = click.option("--home", type=click.Path(file_okay=False), help="The data folder; INTENTLENS_HOME otherwise.")
    return home(command)


def reported(command: Command) -> Command:
    """Turn an error of ours into its message and exit code 1, in the form that was asked for."""

    @wraps(command)
    def run(*arguments: Any, **options: Any) -> Any:
        try:
            return command(*arguments, **options)
        except IntentLensError as error:
            as_json = options.get("as_json", False)
            about = {"error": {"code": type(error).__name__.removesuffix("Error"), "message": str(error)}}
            click.echo(json.dumps(about, ensure_ascii=False) if as_json else f"Error: {error}", err=True)
            sys.exit(FAILED)

    return run  # type: ignore[return-value]


def settings_of(home: str | None, **overrides: Any) -> Settings:
    """The settings with what the command line says on top."""
    return load_settings(overrides={"home": home} | overrides)


@contextmanager
def opened(home: str | None) -> Iterator[Warehouse]:
    """The data folder's warehouse, closed at the end.

    Raises:
        WarehouseBusyError: a server or another command owns it.
    """
    warehouse = Warehouse.open(settings_of(home))
    try:
        yield warehouse
    finally:
        warehouse.close()


def say(result: dict[str, Any], words: str, *, as_json: bool) -> None:
    """The command's answer."""
    click.echo(json.dumps(result, ensure_ascii=False, default=str) if as_json else words)


class Progress:
    """A bar on stderr for a person at a terminal; nothing for machines and logs."""

    def __init__(self, label: str, *, as_json: bool) -> None:
        self._label = label
        self._shown = not as_json and sys.stderr.isatty()
        self._bar: Any = None
        self._phase: str | None = None

    def show(self, phase: str, done: int, total: int | None) -> None:
        """How far a phase is."""
        if not self._shown:
            return
        if phase != self._phase:
            self.close()
            self._phase = phase
            self._bar = click.progressbar(length=total or 1, label=f"{self._label}: {phase}", file=sys.stderr)
        self._bar.length = max(total or done, 1)
        self._bar.update(min(done, self._bar.length) - self._bar.pos)

    def close(self) -> None:
        """End the line."""
        if self._bar is not None:
            self._bar.render_finish()
            self._bar = None
