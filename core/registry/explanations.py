"""What an explanation job found of a model, kept in the model's folder: rows as Parquet, their source in the schema."""

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import UnreadableFileError
from core.files import replacing
from core.settings import Settings

EXPLANATIONS_FILE = "explanations.parquet"
PLAUSIBILITY_FILE = "plausibility.parquet"
OCCURRENCES_FILE = "occurrences.parquet"
DEPENDENCE_FILE = "dependence.parquet"
_ABOUT = b"about"


def write_rows(path: Path, rows: pd.DataFrame, about: dict[str, Any]) -> None:
    """Write a frame and what it is about, whole or not at all."""
    table = pa.Table.from_pandas(rows, preserve_index=False)
    with replacing(path) as part:
        pq.write_table(table.replace_schema_metadata({_ABOUT: json.dumps(about).encode()}), part, compression="zstd")


def read_rows(path: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The frame and what it is about; empty where there is no such file.

    Raises:
        UnreadableFileError: the file is damaged.
    """
    if not path.is_file():
        return pd.DataFrame(), {}
    try:
        table = pq.read_table(path)
        about: dict[str, Any] = json.loads(table.schema.metadata[_ABOUT])
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
        raise UnreadableFileError(
            f"'{path}' cannot be read ({error}), expected what an explanation job writes; measure the model again."
        ) from error
    return table.to_pandas(), about


def keep_explanations(settings: Settings, output: Path, model_id: str) -> None:
    """Put what a job found into the model's folder, in place of what an earlier one found."""
    folder = settings.models_folder / Path(model_id).name
    for name in (EXPLANATIONS_FILE, PLAUSIBILITY_FILE, OCCURRENCES_FILE, DEPENDENCE_FILE):
        if (output / name).is_file():
            with replacing(folder / name) as part:
                shutil.copyfile(output / name, part)
        else:
            (folder / name).unlink(missing_ok=True)


def has_explanations(folder: Path) -> bool:
    """Whether a model's explanations were measured."""
    return (folder / EXPLANATIONS_FILE).is_file()
