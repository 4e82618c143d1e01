"""Vectors of the shop's distinct texts by one encoder, kept in the data folder: each text is encoded once."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.store.frames import read_rows
from core.store.warehouse import Warehouse

Encode = Callable[[Sequence[str]], np.ndarray]
"""[U] texts to [U, d] float32. Given by the caller: this package comes before the models."""
Told = Callable[[int, int], None]
"""Hears how many of how many texts are read."""

AT_ONCE = 2000
"""Texts a file: what is lost when the reading is broken off."""

DISTINCT_TEXTS = """
    SELECT DISTINCT said FROM (
        SELECT query AS said FROM events UNION ALL SELECT text FROM events UNION ALL SELECT title FROM items)
    WHERE trim(said) <> ''
"""


def distinct_texts(warehouse: Warehouse) -> list[str]:
    """Every query, message and item title once, sorted."""
    return [text for (text,) in read_rows(warehouse, f"{DISTINCT_TEXTS} ORDER BY said")]


def text_vectors(
    warehouse: Warehouse, encoder: str, encode: Encode, texts: Sequence[str], told: Told | None = None
) -> np.ndarray:
    """[U, d] float32 of the texts, in their order; those that are new are encoded and kept, a part at a time."""
    folder = warehouse.settings.home / "cache" / "text_vectors" / hashlib.sha256(encoder.encode()).hexdigest()[:16]
    kept, parts = _read(folder)
    new = [text for text in texts if text not in kept]
    for begin in range(0, len(new), AT_ONCE):
        chunk = new[begin : begin + AT_ONCE]
        parts.append(np.asarray(encode(chunk), dtype=np.float16))
        _write(folder, chunk, parts[-1])
        first = len(kept)
        kept.update((text, first + place) for place, text in enumerate(chunk))
        if told is not None:
            told(begin + len(chunk), len(new))
    if not texts:
        return np.zeros((0, 1), np.float32)
    return np.concatenate(parts)[[kept[text] for text in texts]].astype(np.float32)


def _read(folder: Path) -> tuple[dict[str, int], list[np.ndarray]]:
    """The texts with their rows, and the vectors [U, d] float16 in parts."""
    kept: list[str] = []
    parts = []
    for path in sorted(folder.glob("*.parquet")):
        table = pq.read_table(path)
        kept += table["text"].to_pylist()
        flat = table["vector"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
        parts.append(flat.reshape(len(table), -1))
    return {text: row for row, text in enumerate(kept)}, parts


def _write(folder: Path, texts: Sequence[str], vectors: np.ndarray) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256("\x00".join(texts).encode()).hexdigest()[:16]
    column = pa.FixedSizeListArray.from_arrays(pa.array(vectors.reshape(-1)), vectors.shape[1])
    part = folder / f"{name}.part"
    pq.write_table(pa.table({"text": pa.array(list(texts), pa.string()), "vector": column}), part)
    part.replace(folder / f"{name}.parquet")
