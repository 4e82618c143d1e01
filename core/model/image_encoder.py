"""Item pictures to vectors: a small convolutional autoencoder, trained on the shop's own pictures."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image, UnidentifiedImageError
from torch import nn

from core.model.config import SessionModelConfig

_CHANNELS = (16, 32, 32)
_ENCODE_BATCH = 256


def read_picture(path: Path, pixels: int) -> np.ndarray | None:
    """[3, pixels, pixels] float32 in 0..1, or None where the file is absent or no picture."""
    try:
        with Image.open(path) as picture:
            small = picture.convert("RGB").resize((pixels, pixels), Image.Resampling.BILINEAR)
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, ValueError):
        return None
    return np.asarray(small, dtype=np.float32).transpose(2, 0, 1) / 255.0


class ImageEncoder(nn.Module):
    """[V, 3, P, P] float32 in 0..1 -> [V, image_width]; `rebuild` is the decoder for self-supervision."""

    def __init__(self, config: SessionModelConfig) -> None:
        super().__init__()
        self.pixels = config.image_pixels
        self.width = config.image_width
        self.side = config.image_pixels // 8
        inner = _CHANNELS[-1] * self.side * self.side
        self.encoder = nn.Sequential(
            nn.Conv2d(3, _CHANNELS[0], 3, stride=2, padding=1),
            nn.GELU(),
            nn.Conv2d(_CHANNELS[0], _CHANNELS[1], 3, stride=2, padding=1),
            nn.GELU(),
            nn.Conv2d(_CHANNELS[1], _CHANNELS[2], 3, stride=2, padding=1),
            nn.GELU(),
            nn.Flatten(),
            nn.Linear(inner, config.image_width),
        )
        self.decoder = nn.Sequential(
            nn.Linear(config.image_width, inner),
            nn.Unflatten(1, (_CHANNELS[-1], self.side, self.side)),
            nn.Upsample(scale_factor=2),
            nn.Conv2d(_CHANNELS[2], _CHANNELS[1], 3, padding=1),
            nn.GELU(),
            nn.Upsample(scale_factor=2),
            nn.Conv2d(_CHANNELS[1], _CHANNELS[0], 3, padding=1),
            nn.GELU(),
            nn.Upsample(scale_factor=2),
            nn.Conv2d(_CHANNELS[0], 3, 3, padding=1),
        )

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return self.encoder(pictures - 0.5)

    def rebuild(self, vectors: torch.Tensor) -> torch.Tensor:
        """[V, image_width] -> [V, 3, P, P]."""
        return self.decoder(vectors) + 0.5

    @torch.no_grad()
    def encode(self, paths: Sequence[Path]) -> tuple[torch.Tensor, np.ndarray]:
        """Vectors of picture files [V, image_width] and whether each could be read [V] bool."""
        vectors = torch.zeros(len(paths), self.width)
        found = np.zeros(len(paths), dtype=bool)
        for begin in range(0, len(paths), _ENCODE_BATCH):
            rows, pictures = [], []
            for row in range(begin, min(begin + _ENCODE_BATCH, len(paths))):
                picture = read_picture(paths[row], self.pixels)
                if picture is not None:
                    rows.append(row)
                    pictures.append(picture)
            if rows:
                vectors[rows] = self(torch.from_numpy(np.stack(pictures)))
                found[rows] = True
        return vectors, found
