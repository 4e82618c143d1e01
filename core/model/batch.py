"""What the model reads: padded windows of featurized events, with the vectors of their texts and pictures."""

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class EventBatch:
    """B windows of T events.

    codes: [B, T, C] int64, columns as CODE_COLUMNS
    numbers: [B, T, M] float32, columns as NUMBER_COLUMNS, standardised, NaN where missing
    own_text, title: [B, T] int64 rows of text_vectors, 0 = no text
    image: [B, T] int64 rows of image_vectors, 0 = no picture
    text_vectors: [U, text_vector_size] float32, row 0 unused
    image_vectors: [V, image_vector_size] float32, row 0 unused
    attention_mask: [B, T] bool, True = real event
    """

    codes: torch.Tensor
    numbers: torch.Tensor
    own_text: torch.Tensor
    title: torch.Tensor
    image: torch.Tensor
    text_vectors: torch.Tensor
    image_vectors: torch.Tensor
    attention_mask: torch.Tensor

    @property
    def shape(self) -> tuple[int, int]:
        """Windows and events a window."""
        return self.codes.shape[0], self.codes.shape[1]
