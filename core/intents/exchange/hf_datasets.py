"""A folder that `datasets.load_dataset` reads: texts with class labels, split by visitor.

Source: the Hugging Face Hub's layout of Parquet splits with a README that names them, and the schema metadata by which
`datasets` keeps its features.
When to use it: training any text model elsewhere. When not: the session model here reads events, not their text.
"""

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import UnreadableFileError
from core.intents.exchange.format import Format, Line, Values
from core.intents.exchange.labelled_session import LabelledSession, stream_sessions
from core.intents.exchange.records import shortened
from core.intents.taxonomy import Intent
from core.store.annotation_export_queries import used_intents
from core.store.warehouse import Warehouse

Split = Literal["train", "validation", "test"]
SPLITS: dict[Split, int] = {"train": 80, "validation": 10, "test": 10}
"""Of a hundred visitors."""
SEED = 0
_ROWS_AT_ONCE = 5000
_KEPT = ("session_id", "event_id", "annotator", "created_at", "status", "lead_time_ms", "note", "client_id")
_TYPES = {"lead_time_ms": pa.int64()}


class HuggingFaceDataset(Format):
    """One row a label; a label of an event has the session's text up to that event."""

    name = "datasets"
    title = "Hugging Face datasets"
    ending = ""
    mime = "application/zip"
    is_folder = True
    keeps_skipped = False

    def write(self, warehouse: Warehouse, intents: tuple[Intent, ...], path: Path) -> int:
        classes = class_names(warehouse, intents)
        schema = _schema(classes)
        (path / "data").mkdir(parents=True, exist_ok=True)
        written = dict.fromkeys(SPLITS, 0)
        with ExitStack() as stack:
            writers = {
                split: stack.enter_context(pq.ParquetWriter(_file(path, split), schema, compression="zstd"))
                for split in SPLITS
            }
            buffers: dict[Split, list[Values]] = {split: [] for split in SPLITS}
            for session in stream_sessions(warehouse):
                split = split_of(session.visitor_id or session.session_id)
                rows = list(_rows(session, classes))
                written[split] += len(rows)
                buffers[split] += rows
                if len(buffers[split]) >= _ROWS_AT_ONCE:
                    writers[split].write_table(pa.Table.from_pylist(buffers[split], schema=schema))
                    buffers[split] = []
            for split, rows in buffers.items():
                writers[split].write_table(pa.Table.from_pylist(rows, schema=schema))
        for split in SPLITS:
            if not written[split]:  # `datasets` refuses a split without rows
                _file(path, split).unlink()
        (path / "README.md").write_text(_readme(classes, written), encoding="utf-8")
        return sum(written.values())

    def read(self, path: Path) -> Iterator[Line]:
        if path.is_file() and zipfile.is_zipfile(path):
            with TemporaryDirectory() as folder, zipfile.ZipFile(path) as archive:
                archive.extractall(folder, [name for name in archive.namelist() if name.endswith(".parquet")])
                yield from self.read(Path(folder))
            return
        files = [path] if path.is_file() else sorted(path.rglob("*.parquet"))
        if not files:
            raise UnreadableFileError(f"'{path.name}' holds no Parquet files, expected data/train-….parquet.")
        number = 0
        for file in files:
            for values in _read_file(file):
                number += 1
                yield Line(number, values, shortened(values))

    def recognizes(self, record: Mapping[str, Any]) -> bool:
        return False


def split_of(visitor_id: str, seed: int = SEED) -> Split:
    """The split that all sessions of a visitor fall into, so that no visitor is in two."""
    lot = int(hashlib.sha256(f"{seed}:{visitor_id}".encode()).hexdigest(), 16) % sum(SPLITS.values())
    for split, share in SPLITS.items():
        if lot < share:
            return split
        lot -= share
    raise AssertionError("the shares of the splits sum to the lots there are")


def class_names(warehouse: Warehouse, intents: tuple[Intent, ...]) -> list[str]:
    """The classes by number: the active intents in order, then others that are still in use."""
    active = [intent.id for intent in intents if intent.active]
    return active + [intent for intent in used_intents(warehouse) if intent not in active]


def _file(folder: Path, split: str) -> Path:
    return folder / "data" / f"{split}-00000-of-00001.parquet"


def _rows(session: LabelledSession, classes: list[str]) -> Iterator[Values]:
    for label in session.labels:
        if label["intent"] is None or label["status"] not in ("submitted", "gold"):
            continue
        end = len(session.text) if label["event_id"] is None else session.spans[label["event_id"]][1]
        kept = {key: label.get(key) for key in _KEPT} | {"session_id": session.session_id}
        yield kept | {
            "text": session.text[:end],
            "label": classes.index(label["intent"]),
            "label_text": label["intent"],
            "target_kind": label["target_kind"],
            "visitor_id": session.visitor_id,
        }


def _schema(classes: list[str]) -> pa.Schema:
    names = ("text", "label", "label_text", "target_kind", "visitor_id", *_KEPT)
    fields = [pa.field(name, pa.int64() if name == "label" else _TYPES.get(name, pa.string())) for name in names]
    features: dict[str, Any] = {
        field.name: {"dtype": str(field.type), "_type": "Value"} for field in fields if field.name != "label"
    }
    features["label"] = {"names": classes, "_type": "ClassLabel"}
    ordered = {name: features[name] for name in names}
    return pa.schema(fields, metadata={"huggingface": json.dumps({"info": {"features": ordered}})})


def _readme(classes: list[str], written: dict[Split, int]) -> str:
    files = "".join(
        f"  - split: {split}\n    path: data/{split}-*.parquet\n" for split, rows in written.items() if rows
    )
    counts = ", ".join(f"{split} {rows:,}" for split, rows in written.items())
    return (
        f"---\nconfigs:\n- config_name: default\n  data_files:\n{files}---\n"
        f"# Shopping intents\n\nRows: {counts}; split by visitor (seed {SEED}). `label` numbers the classes "
        f"{', '.join(classes)}; `label_text` names them. A row of target_kind `event` holds the session's text up to "
        'that event.\n\n```python\nfrom datasets import load_dataset\n\ndata = load_dataset("this-folder")\n```\n'
    )


def _read_file(path: Path) -> Iterator[Values]:
    try:
        with pq.ParquetFile(path) as file:
            about = json.loads((file.schema_arrow.metadata or {}).get(b"huggingface", b"{}"))
            classes = about.get("info", {}).get("features", {}).get("label", {}).get("names") or []
            for batch in file.iter_batches():
                for row in batch.to_pylist():
                    yield _values(row, classes)
    except (OSError, pa.ArrowException, ValueError) as error:
        raise UnreadableFileError(f"'{path.name}' cannot be read as Parquet ({error}); export it again.") from error


def _values(row: dict[str, Any], classes: list[str]) -> Values:
    label = row.get("label")
    named = classes[label] if isinstance(label, int) and 0 <= label < len(classes) else None
    event_id = row.get("event_id")
    kept = {key: row.get(key) for key in _KEPT}
    changed = named is not None and row.get("label_text") not in (None, named)
    return kept | {
        "target_kind": row.get("target_kind") or ("session" if event_id is None else "event"),
        "intent": named or row.get("label_text"),
        "client_id": None if changed else row.get("client_id"),  # relabelled since: another annotation
    }
