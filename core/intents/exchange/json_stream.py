"""JSON written object by object."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_encode = json.JSONEncoder(ensure_ascii=False, separators=(", ", ": "), check_circular=False).encode


def write_lines(path: Path, objects: Iterable[dict[str, Any]]) -> None:
    """One object a line."""
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(_encode(value) + "\n" for value in objects)


def write_array(path: Path, objects: Iterable[dict[str, Any]]) -> None:
    """One array, an object a line."""
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write("[")
        for place, value in enumerate(objects):
            stream.write((",\n" if place else "\n") + _encode(value))
        stream.write("\n]\n")
