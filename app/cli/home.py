"""The data folder a command works on: chosen by `--home` before or after the command, or by INTENTLENS_HOME."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from core.errors import NotFoundError
from core.settings import Settings, load_settings
from core.store.arrivals import resume_arrivals
from core.store.warehouse import Warehouse

Command = TypeVar("Command", bound=Callable[..., Any])


def home_option(command: Command) -> Command:
    """`--home`, on the root and on every command; the command's own wins."""
    option = click.option(
        "--home",
        type=click.Path(file_okay=False),
        callback=_or_of_root,
        help="The data folder; by default INTENTLENS_HOME, else .intentlens.",
    )
    return option(command)


def common_options(command: Command) -> Command:
    """`--home` and `--json` of every command."""
    option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for machines.")
    return home_option(option(command))


def settings_of(home: str | None, **overrides: Any) -> Settings:
    """The settings with what the command line says on top."""
    return load_settings(overrides={"home": home} | overrides)


@contextmanager
def opened(home: str | None, *, create: bool = False) -> Iterator[Warehouse]:
    """The data folder's warehouse, closed at the end.

    Args:
        create: make the data folder when there is none; only commands that bring something in do, so that a mistyped
            folder is an error and not an empty shop.

    Raises:
        NotFoundError: there is no such data folder.
        WarehouseBusyError: a server or another command owns it.
    """
    settings = settings_of(home)
    if not create and not settings.warehouse_path.is_file():
        raise NotFoundError(
            f"'{settings.home}' is no data folder of IntentLens. Choose another with --home or INTENTLENS_HOME, or "
            "make it by `intentlens import` or `intentlens serve`."
        )
    warehouse = Warehouse.open(settings)
    try:
        resume_arrivals(warehouse)
        yield warehouse
    finally:
        warehouse.close()


def _or_of_root(context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    root = context.find_root()
    return value if value is not None or root is context else root.params.get("home")
