"""One embedding a field: [B, T, F, d], kept apart because explanations are read there; then their normalised sum."""

import torch
from torch import nn

from core.model.batch import EventBatch
from core.model.config import SessionModelConfig
from core.model.fields import CODE_COLUMNS, FIELDS, NUMBER_COLUMNS, PAD_ID
from core.model.soft_bins import SoftBins


class VectorField(nn.Module):
    """A projected text or picture vector; a learned value where there is none.

    A missing modality must not look like a zero vector: zero is also what a projection can say.
    """

    def __init__(self, vector_size: int, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(vector_size)
        self.projection = nn.Linear(vector_size, width)
        self.missing = nn.Parameter(torch.zeros(width))

    def project(self, vectors: torch.Tensor) -> torch.Tensor:
        """[D, vector_size] -> [D, d]; explanations of words and regions go through here."""
        projected: torch.Tensor = self.projection(self.norm(vectors))
        return projected

    def forward(self, vectors: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        distinct, place = torch.unique(rows, return_inverse=True)
        projected = self.project(vectors[distinct])  # [D, d]: each distinct one is projected once
        table = torch.where(distinct[:, None] == 0, self.missing, projected)
        return nn.functional.embedding(place, table)  # [B, T, d]


class EventEncoder(nn.Module):
    """EventBatch -> field embeddings [B, T, F, d]; `combine` -> event vectors [B, T, d]."""

    def __init__(self, config: SessionModelConfig) -> None:
        super().__init__()
        width = config.hidden_size
        self.codes = nn.ModuleList(nn.Embedding(column.size, width, padding_idx=PAD_ID) for column in CODE_COLUMNS)
        self.bins = SoftBins(len(NUMBER_COLUMNS), config.number_bins)
        self.numbers = nn.ModuleList(nn.Linear(config.number_bins + 1, width, bias=False) for _ in NUMBER_COLUMNS)
        self.own_text = VectorField(config.text_vector_size, width)
        self.title = VectorField(config.text_vector_size, width)
        self.image = VectorField(config.image_vector_size, width)
        self.norm = nn.LayerNorm(width)

    def forward(self, batch: EventBatch) -> torch.Tensor:
        fields: dict[str, torch.Tensor] = {}
        for index, column in enumerate(CODE_COLUMNS):
            _add(fields, column.field, self.codes[index](batch.codes[..., index]))
        weights = self.bins(batch.numbers)  # [B, T, M, K + 1]
        for index, number in enumerate(NUMBER_COLUMNS):
            _add(fields, number.field, self.numbers[index](weights[..., index, :]))
        _add(fields, "text", self.own_text(batch.text_vectors, batch.own_text))
        _add(fields, "text", self.title(batch.text_vectors, batch.title))
        _add(fields, "image", self.image(batch.image_vectors, batch.image))
        return torch.stack([fields[name] for name in FIELDS], dim=2)  # [B, T, F, d]

    def combine(self, field_embeddings: torch.Tensor) -> torch.Tensor:
        """[B, T, F, d] -> [B, T, d]."""
        combined: torch.Tensor = self.norm(field_embeddings.sum(dim=2))
        return combined


def _add(fields: dict[str, torch.Tensor], name: str, value: torch.Tensor) -> None:
    fields[name] = fields[name] + value if name in fields else value
