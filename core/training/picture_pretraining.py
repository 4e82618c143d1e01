"""Autoencoding of the shop's item pictures: the picture encoder learns to keep what rebuilds them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from core.model.image_encoder import ImageEncoder, read_picture
from core.training.loop import Losses

PICTURE_BATCH = 64
MOST_PICTURES = 4000
"""More teach little and take memory (12 KB each)."""


class RebuiltPictures:
    """Steps over the pictures: rebuild each from its vector."""

    def __init__(self, encoder: ImageEncoder, paths: Sequence[Path], seed: int) -> None:
        self._encoder = encoder
        self._seed = seed
        chosen = np.random.default_rng(seed).permutation(len(paths))[:MOST_PICTURES]
        read = (read_picture(paths[row], encoder.pixels) for row in sorted(chosen))
        pictures = [picture for picture in read if picture is not None]
        empty = np.zeros((0, 3, encoder.pixels, encoder.pixels), dtype=np.float32)
        self._pictures = torch.from_numpy(np.stack(pictures) if pictures else empty)

    def steps(self, epochs: int) -> int:
        """Steps of so many epochs; none without pictures."""
        return epochs * -(-len(self._pictures) // PICTURE_BATCH)

    def __call__(self, step: int) -> Losses:
        epoch_steps = -(-len(self._pictures) // PICTURE_BATCH)
        order = np.random.default_rng([self._seed, step // epoch_steps]).permutation(len(self._pictures))
        begin = (step % epoch_steps) * PICTURE_BATCH
        pictures = self._pictures[order[begin : begin + PICTURE_BATCH]]
        return {"rebuilt_picture": F.mse_loss(self._encoder.rebuild(self._encoder(pictures)), pictures)}
