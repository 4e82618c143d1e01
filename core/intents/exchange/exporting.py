"""The current annotations written in a format: whole or not at all."""

import shutil
import zipfile
from pathlib import Path

from core.errors import InvalidAnnotationError
from core.intents.exchange.registry import get_format
from core.intents.taxonomy import load_taxonomy
from core.store.warehouse import Warehouse


def export_annotations(warehouse: Warehouse, path: Path, format: str = "jsonl") -> int:
    """Write the current annotations of everybody to a file (a folder for `datasets`); returns how many.

    What the tool wants beside it (Label Studio's labeling interface, doccano's label types) is written next to it,
    under the same name with another ending. A file that was there before stays until the new one is complete.

    Raises:
        InvalidAnnotationError: an unknown format, one that is only read, or a folder with other things in it.
    """
    chosen = get_format(format)
    intents = load_taxonomy(warehouse, inactive=True)
    if path.is_dir() and not _is_export(path):
        raise InvalidAnnotationError(f"The folder '{path}' holds other things, expected a new name or an empty folder.")
    part = path.with_name(path.name + ".part")
    _remove(part)
    try:
        count = chosen.write(warehouse, intents, part)
        if chosen.is_folder:
            _remove(path)
        part.replace(path)
    finally:
        _remove(part)
    if companion := chosen.companion(intents):
        ending, content = companion
        path.with_suffix(ending).write_text(content, encoding="utf-8")
    return count


def export_one_file(warehouse: Warehouse, folder: Path, format: str) -> Path:
    """As export_annotations, into one file of a folder: what is several files is packed as zip."""
    chosen = get_format(format)
    path = folder / f"labels{chosen.ending}"
    export_annotations(warehouse, path, format)
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    if files == [path]:
        return path
    packed = folder / "labels.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, file.relative_to(folder))
    return packed


def _is_export(folder: Path) -> bool:
    """Whether nothing would be lost with the folder."""
    return {entry.name for entry in folder.iterdir()} <= {"README.md", "data"}


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
