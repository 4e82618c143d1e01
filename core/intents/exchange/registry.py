"""The formats by name, and which of them a file is of."""

from pathlib import Path

from core.errors import InvalidAnnotationError
from core.intents.exchange.argilla import Argilla
from core.intents.exchange.cleanlab import Cleanlab
from core.intents.exchange.delimited import Delimited
from core.intents.exchange.doccano import Doccano
from core.intents.exchange.format import Format
from core.intents.exchange.hf_datasets import HuggingFaceDataset
from core.intents.exchange.json_lines import JsonLines
from core.intents.exchange.label_studio import LabelStudio
from core.intents.exchange.parquet import Parquet
from core.intents.exchange.prodigy import Prodigy
from core.intents.exchange.records import read_records

_ALL: tuple[Format, ...] = (
    JsonLines(),
    Delimited(),
    Parquet(),
    LabelStudio(),
    Doccano(),
    Prodigy(),
    Argilla(),
    HuggingFaceDataset(),
    Cleanlab(),
)
FORMATS: dict[str, Format] = {format.name: format for format in _ALL}
EXPORTED: tuple[str, ...] = tuple(format.name for format in _ALL if format.exports)
IMPORTED: tuple[str, ...] = tuple(format.name for format in _ALL if format.imports)


def get_format(name: str) -> Format:
    """The format of that name.

    Raises:
        InvalidAnnotationError: there is none.
    """
    if name not in FORMATS:
        raise InvalidAnnotationError(f"The format is '{name}', expected one of {', '.join(FORMATS)}.")
    return FORMATS[name]


def detect_format(path: Path) -> Format:
    """The format of a file by its ending and its first record; our own lines where nothing else fits.

    Raises:
        UnreadableFileError: there is no such file, or nothing in it can be read.
    """
    if path.is_dir() or path.suffix.lower() == ".zip":
        return FORMATS["datasets"]
    if path.suffix.lower() in (".csv", ".parquet"):
        return FORMATS["datasets" if _is_dataset(path) else path.suffix.lower().removeprefix(".")]
    first = next((record.value for record in read_records(path) if record.value), {})
    return next((format for format in _ALL if format.imports and format.recognizes(first)), FORMATS["jsonl"])


def _is_dataset(path: Path) -> bool:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if path.suffix.lower() != ".parquet" or not path.is_file():
        return False
    try:
        return b"huggingface" in (pq.read_schema(path).metadata or {})
    except (OSError, pa.ArrowException):
        return False
