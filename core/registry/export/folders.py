"""Exporting a registered model: a folder that is whole or absent, and the same as a zip."""

import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from core.errors import InvalidSettingError, NoModelError
from core.registry.export.readme import FORMATS, Format, readme
from core.registry.models import read_card

REMOTE_CODE_FILE = "modeling_intentlens.py"
_REMOTE_CODE = '''"""Lets AutoModel find the classes of the installed package `intentlens`."""

from core.model.session_model import SessionModel, SessionModelConfig

__all__ = ["SessionModel", "SessionModelConfig"]
'''
_AUTO_MAP = {
    "AutoConfig": "modeling_intentlens.SessionModelConfig",
    "AutoModel": "modeling_intentlens.SessionModel",
}


def export_model(source: Path, kind: Format, folder: Path) -> Path:
    """Write the model of a model folder to a new folder.

    Args:
        kind: hf, a Hugging Face folder with 32-bit weights; or onnx, two graphs (needs the extra `onnx`).

    Raises:
        InvalidSettingError: an unknown kind, or the folder exists and is not empty.
        NoModelError: a model without intents has none to export as ONNX.
        MissingPackageError, ExportMismatchError, BrokenCheckpointError.
    """
    if kind not in FORMATS:
        raise InvalidSettingError(f"The format is '{kind}', expected one of {', '.join(FORMATS)}.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InvalidSettingError(f"'{folder}' is there already and not empty; choose another folder.")
    card = read_card(source)
    if kind == "onnx" and card["kind"] != "finetuned":
        raise NoModelError(f"The model '{card['model_id']}' is {card['kind']} and knows no intents; export it as hf.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as place:
        part = Path(place) / "part"
        part.mkdir()
        _WRITERS[kind](source, part)
        (part / "README.md").write_text(readme(card, kind), encoding="utf-8")
        if folder.exists():
            folder.rmdir()
        part.replace(folder)
    return folder


def export_archive(source: Path, kind: Format, folder: Path) -> Path:
    """Write a model as a zip named after it, `MODEL-hf.zip`, into a folder.

    Raises:
        as export_model.
    """
    folder.mkdir(parents=True, exist_ok=True)
    name = str(read_card(source)["model_id"])
    with tempfile.TemporaryDirectory(dir=folder) as place:
        exported = export_model(source, kind, Path(place) / name)
        part = Path(place) / "archive.part"
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(exported.rglob("*")):
                archive.write(path, Path(name) / path.relative_to(exported))
        return part.replace(folder / f"{name}-{kind}.zip")


def _write_hf(source: Path, folder: Path) -> None:
    """The model folder again, weights in 32 bits: in 16 bits, as samples are kept, AutoModel would compute in 16."""
    from core.model.checkpoint import load_checkpoint, save_checkpoint  # torch, only here

    save_checkpoint(load_checkpoint(source), folder)
    path = folder / "config.json"
    config = json.loads(path.read_text(encoding="utf-8")) | {"auto_map": _AUTO_MAP}
    path.write_text(json.dumps(config, ensure_ascii=False, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    (folder / REMOTE_CODE_FILE).write_text(_REMOTE_CODE, encoding="utf-8")


def _write_onnx(source: Path, folder: Path) -> None:
    from core.model.onnx.writing import ABOUT_FILE, write_graphs  # torch, only here
    from core.model.scorer import SessionScorer

    difference = write_graphs(SessionScorer.load(source), folder)
    about = json.loads((folder / ABOUT_FILE).read_text(encoding="utf-8")) | {"largest_difference": difference}
    (folder / ABOUT_FILE).write_text(json.dumps(about, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    for name in ("vocabulary.json", "tokenizer.json", "card.json"):
        shutil.copy(source / name, folder / name)


_WRITERS: dict[Format, Callable[[Path, Path], None]] = {"hf": _write_hf, "onnx": _write_onnx}
