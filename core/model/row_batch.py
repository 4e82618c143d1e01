"""Featurized events of whatever visitors, as arrays for the fused encoder."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import torch

from core.model.batch import EventBatch
from core.model.featurizer import EventRow
from core.model.modalities import ModalEncoder

Key = TypeVar("Key", bound=Hashable)
Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class RowBatch:
    """N events; the columns of an EventBatch without its windows.

    codes: [N, C] int64; numbers: [N, M] float32, NaN where missing; own_text, title, image: [N] int64 rows of the
    vectors, 0 = none; text_vectors: [U, text_vector_size] and image_vectors: [V, image_vector_size] float32, of which
    row 0 is unused
    """

    codes: Places
    numbers: Floats
    own_text: Places
    title: Places
    image: Places
    text_vectors: Floats
    image_vectors: Floats

    @classmethod
    def of(cls, batch: EventBatch) -> "RowBatch":
        """The events of all windows, one behind the other, padding as well."""
        return cls(
            codes=batch.codes.flatten(0, 1).numpy(),
            numbers=batch.numbers.flatten(0, 1).numpy(),
            own_text=batch.own_text.flatten().numpy(),
            title=batch.title.flatten().numpy(),
            image=batch.image.flatten().numpy(),
            text_vectors=batch.text_vectors.numpy(),
            image_vectors=batch.image_vectors.numpy(),
        )

    def window(self) -> EventBatch:
        """The events as one window (B = 1)."""
        return EventBatch(
            codes=torch.from_numpy(self.codes)[None],
            numbers=torch.from_numpy(self.numbers)[None],
            own_text=torch.from_numpy(self.own_text)[None],
            title=torch.from_numpy(self.title)[None],
            image=torch.from_numpy(self.image)[None],
            text_vectors=torch.from_numpy(self.text_vectors),
            image_vectors=torch.from_numpy(self.image_vectors),
            attention_mask=torch.ones(1, len(self.codes), dtype=torch.bool),
        )


def batch_of_rows(rows: Sequence[EventRow], modal: ModalEncoder, media: Path | None) -> RowBatch:
    """The events as they come; each distinct text and picture is in the batch once."""
    texts = _numbered([text for row in rows for text in (row.own_text, row.title) if text])
    pictures = _numbered([media / row.image for row in rows if row.image]) if media is not None else {}
    images = modal.images(list(pictures)) if pictures else []
    seen = {path: row for (path, row), vector in zip(pictures.items(), images, strict=True) if vector is not None}
    return RowBatch(
        codes=np.array([row.codes for row in rows], dtype=np.int64),
        numbers=np.array([row.numbers for row in rows], dtype=np.float32),
        own_text=np.array([texts.get(row.own_text, 0) for row in rows]),
        title=np.array([texts.get(row.title, 0) for row in rows]),
        image=np.array([seen.get(media / row.image, 0) if media is not None and row.image else 0 for row in rows]),
        text_vectors=_table([vector.numpy() for vector in modal.texts(list(texts))], modal.text_size),
        image_vectors=_table([None if vector is None else vector.numpy() for vector in images], modal.image_size),
    )


def _table(vectors: Sequence[Floats | None], size: int) -> Floats:
    """[1 + n, size] with the first row, and those of none, zero."""
    table = np.zeros((1 + len(vectors), size), dtype=np.float32)
    for row, vector in enumerate(vectors, 1):
        if vector is not None:
            table[row] = vector
    return table


def _numbered(values: Sequence[Key]) -> dict[Key, int]:
    """Each distinct value with its row from 1."""
    return {value: row for row, value in enumerate(dict.fromkeys(values), 1)}
