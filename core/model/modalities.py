"""Vectors of a table's texts and pictures: each distinct one is encoded once, then remembered."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

import numpy as np
import torch

from core.model.checkpoint import Checkpoint
from core.model.featurizer import EventTable

_REMEMBERED = 100_000
"""Texts or pictures remembered at most (about 50 MB of vectors); beyond it the memory starts afresh."""


@dataclass(frozen=True)
class ModalVectors:
    """text_vectors [U, text_vector_size] and image_vectors [V, image_vector_size]; row 0 stands for none."""

    text: torch.Tensor
    image: torch.Tensor


class ModalEncoder:
    """Encodes texts and pictures by a model's own or foreign encoders; safe to share between threads."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.text_size: int = checkpoint.model.config.text_vector_size
        self.image_size: int = checkpoint.model.config.image_vector_size
        self._checkpoint = checkpoint
        self._texts: dict[str, torch.Tensor] = {}
        self._images: dict[Path, torch.Tensor | None] = {}
        self._lock = Lock()

    def encode(self, table: EventTable, media: Path | None) -> tuple[EventTable, ModalVectors]:
        """Vectors of all texts and pictures of a table; pictures that cannot be read become missing."""
        text = [torch.zeros(self.text_size), *self.texts(table.texts[1:])]
        names = table.images[1:] if media is not None else ()
        images = [None, *self.images([media / name for name in names] if media is not None else [])]
        readable = np.zeros(len(table.images), dtype=bool)
        readable[: len(images)] = [vector is not None for vector in images]
        rows = np.where(readable[table.image], table.image, 0).astype(np.int32)
        blank = torch.zeros(self.image_size)
        image = [blank if vector is None else vector for vector in images]
        return replace(table, image=rows), ModalVectors(torch.stack(text), torch.stack(image))

    def texts(self, texts: Sequence[str]) -> list[torch.Tensor]:
        """The vector of each text: [text_vector_size]."""
        with self._lock:
            if len(self._texts) > _REMEMBERED:
                self._texts.clear()
            new = list(dict.fromkeys(text for text in texts if text not in self._texts))
            vectors = self._encode_texts(new)
            self._texts.update(zip(new, vectors, strict=True))
            return [self._texts[text] for text in texts]

    def images(self, paths: Sequence[Path]) -> list[torch.Tensor | None]:
        """The vector of each picture [image_vector_size], None where it cannot be read."""
        with self._lock:
            if len(self._images) > _REMEMBERED:
                self._images.clear()
            new = list(dict.fromkeys(path for path in paths if path not in self._images))
            vectors, found = self._encode_images(new)
            for path, vector, readable in zip(new, vectors, found, strict=True):
                self._images[path] = vector if readable else None
            return [self._images[path] for path in paths]

    def _encode_texts(self, texts: Sequence[str]) -> torch.Tensor:
        foreign, own = self._checkpoint.foreign.text, self._checkpoint.model.text_encoder
        if foreign is not None:
            return foreign.encode(texts)
        if own is None:
            raise ValueError("the model reads by a foreign text encoder, expected it in checkpoint.foreign.")
        return own.encode(self._checkpoint.tokenizer, texts)

    def _encode_images(self, paths: Sequence[Path]) -> tuple[torch.Tensor, np.ndarray]:
        foreign, own = self._checkpoint.foreign.image, self._checkpoint.model.image_encoder
        if foreign is not None:
            return foreign.encode(paths)
        if own is None:
            raise ValueError("the model reads by a foreign image encoder, expected it in checkpoint.foreign.")
        return own.encode(paths)
