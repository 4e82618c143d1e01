"""Which part of a picture the prediction hangs on: each square hidden in turn (occlusion).

Hidden is a square in the picture's own median colour, most often its background; what counts is how far the probability
falls. Squares need not add up: two that say the same can each be spared.
Source: Zeiler, Fergus 2014 (arXiv 1311.2901).
"""

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from torch import Tensor

from core.errors import NotFoundError
from core.explain.question import ask
from core.explain.words import place_of
from core.model.image_encoder import read_picture

if TYPE_CHECKING:
    from core.model.foreign_encoder import ForeignImageEncoder
    from core.model.scorer import SessionScorer

GRID = 8
_PICTURES_PER_BATCH = 32


@dataclass(frozen=True)
class PictureRegions:
    """values: [G, G] float32, rows from the top: how far the value falls when the square is hidden.

    value, value_hidden: what was asked with the picture as it is, and with all of it hidden.
    """

    event_id: str
    image: str
    values: npt.NDArray[np.float32]
    value: float
    value_hidden: float

    def to_frame(self) -> pd.DataFrame:
        """One row a square, counted from 1 at the top left."""
        rows, columns = np.indices(self.values.shape)
        return pd.DataFrame({"row": rows.ravel() + 1, "column": columns.ravel() + 1, "fall": self.values.ravel()})


def explain_regions(
    scorer: "SessionScorer",
    events: pd.DataFrame,
    items: pd.DataFrame,
    media: Path | None,
    *,
    event_id: str,
    intent: str,
    against: str | None = None,
    grid: int = GRID,
) -> PictureRegions:
    """Explain the prediction at the last of a visitor's events by the picture of the event `event_id`.

    Raises:
        NotFoundError: the model does not see that event there, or it has no picture that can be read.
        UnknownIntentError: the model does not know an intent.
    """
    question = ask(scorer, events, items, media, intent=intent, against=against)
    place = place_of(question, events, event_id)
    table = scorer.featurizer.transform(events, items)
    row = len(events) - question.field_embeddings.shape[1] + place
    name = table.images[int(table.image[row])]
    picture = read_picture(media / name, _pixels(scorer)) if media is not None and name else None
    if picture is None:
        raise NotFoundError(f"The event '{event_id}' has no picture that the model reads; choose one with a picture.")
    hidden = _fill(picture)
    pictures = np.stack([picture, hidden, *squares_hidden(picture, hidden, grid)])
    with torch.no_grad():
        fields = scorer.model.event_encoder.image.project(_vectors(scorer, pictures))
    asked = question.values_with(place, "image", fields).numpy()
    falls = (asked[0] - asked[2:]).reshape(grid, grid)
    return PictureRegions(event_id, name, falls.astype(np.float32), float(asked[0]), float(asked[1]))


def squares_hidden(
    picture: npt.NDArray[np.float32], hidden: npt.NDArray[np.float32], grid: int
) -> list[npt.NDArray[np.float32]]:
    """The picture [3, P, P] grid × grid times, each with one square as in `hidden`, row by row."""
    edges = np.linspace(0, picture.shape[-1], grid + 1).round().astype(int)
    variants = []
    for top, bottom in itertools.pairwise(edges):
        for left, right in itertools.pairwise(edges):
            variant = picture.copy()
            variant[:, top:bottom, left:right] = hidden[:, top:bottom, left:right]
            variants.append(variant)
    return variants


def _fill(picture: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return np.broadcast_to(np.median(picture, axis=(1, 2), keepdims=True), picture.shape).astype(np.float32)


def _pixels(scorer: "SessionScorer") -> int:
    own = scorer.model.image_encoder
    return int(_foreign(scorer).pixels if own is None else own.pixels)


def _vectors(scorer: "SessionScorer", pictures: npt.NDArray[np.float32]) -> Tensor:
    """[V, 3, P, P] -> [V, image_vector_size], some at a time."""
    own = scorer.model.image_encoder
    parts = [pictures[at : at + _PICTURES_PER_BATCH] for at in range(0, len(pictures), _PICTURES_PER_BATCH)]
    if own is None:
        return torch.cat([_foreign(scorer).states(part) for part in parts])
    return torch.cat([own(torch.from_numpy(part)) for part in parts])


def _foreign(scorer: "SessionScorer") -> "ForeignImageEncoder":
    encoder = scorer.foreign.image
    if encoder is None:
        raise ValueError("the model reads by a foreign image encoder, expected it in scorer.foreign.")
    return encoder
