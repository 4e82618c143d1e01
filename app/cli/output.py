"""What commands print: words for people or one JSON object for machines, and where they may write files."""

import json
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click


class OutputFile(click.Path):
    """A file to be written, refused before any work when its folder is not there or may not be written."""

    def __init__(self, *, folder: bool = False) -> None:
        """
        Args:
            folder: it may be a folder too.
        """
        super().__init__(dir_okay=folder, writable=True, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        path = Path(str(super().convert(value, param, ctx)))
        folder = path.absolute().parent
        if not folder.is_dir():
            self.fail(f"The folder '{folder}' does not exist, make it first.", param, ctx)
        if not os.access(folder, os.W_OK):
            self.fail(f"The folder '{folder}' may not be written, choose another.", param, ctx)
        return path


def say(result: Mapping[str, Any], words: str, *, as_json: bool) -> None:
    """The command's answer on stdout."""
    click.echo(json.dumps(_plain(result), ensure_ascii=False, default=str) if as_json else words)


def table(rows: Sequence[Sequence[str]], alignment: str) -> str:
    """Rows of cells as columns, each aligned to the left or the right by its `<` or `>` in `alignment`."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(alignment))]

    def line(row: Sequence[str]) -> str:
        cells = (f"{cell:{side}{width}}" for cell, side, width in zip(row, alignment, widths, strict=True))
        return "  ".join(cells).rstrip()

    return "\n".join(line(row) for row in rows)


def _plain(value: Any) -> Any:
    """Undefined figures as null: NaN is no JSON."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
