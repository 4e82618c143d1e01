"""Featurized events of whatever visitors, as one batch for the event encoder."""

from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import TypeVar

import torch

from core.model.batch import EventBatch
from core.model.featurizer import EventRow
from core.model.modalities import ModalEncoder

Key = TypeVar("Key", bound=Hashable)


def batch_of_rows(rows: Sequence[EventRow], modal: ModalEncoder, media: Path | None) -> EventBatch:
    """N events as a batch of B = 1, T = N; each distinct text and picture is in it once."""
    texts = _numbered([text for row in rows for text in (row.own_text, row.title) if text])
    pictures = _numbered([media / row.image for row in rows if row.image]) if media is not None else {}
    image_vectors = modal.images(list(pictures))
    readable = {
        path: row for (path, row), vector in zip(pictures.items(), image_vectors, strict=True) if vector is not None
    }
    blank = torch.zeros(modal.image_size)
    return EventBatch(
        codes=torch.tensor([row.codes for row in rows])[None],
        numbers=torch.tensor([row.numbers for row in rows], dtype=torch.float32)[None],
        own_text=torch.tensor([[texts.get(row.own_text, 0) for row in rows]]),
        title=torch.tensor([[texts.get(row.title, 0) for row in rows]]),
        image=torch.tensor(
            [[readable.get(media / row.image, 0) if media is not None and row.image else 0 for row in rows]]
        ),
        text_vectors=torch.stack([torch.zeros(modal.text_size), *modal.texts(list(texts))]),
        image_vectors=torch.stack([blank, *(blank if vector is None else vector for vector in image_vectors)]),
        attention_mask=torch.ones(1, len(rows), dtype=torch.bool),
    )


def _numbered(values: Sequence[Key]) -> dict[Key, int]:
    """Each distinct value with its row from 1."""
    return {value: row for row, value in enumerate(dict.fromkeys(values), 1)}
