"""A model folder: config.json, model.safetensors, tokenizer.json, vocabulary.json and card.json.

A model that reads by foreign encoders has them beside these, in `text_encoder/` and `image_encoder/`.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from tokenizers import Tokenizer
from transformers.utils import logging as transformers_logging

from core.errors import BrokenCheckpointError
from core.model.featurizer import Featurizer
from core.model.foreign import ForeignEncoders
from core.model.session_model import SessionModel
from core.model.text_encoder import load_tokenizer, save_tokenizer

CARD_FILE = "card.json"


@dataclass
class Checkpoint:
    """A model with all it needs to read events, and its card."""

    model: SessionModel
    featurizer: Featurizer
    tokenizer: Tokenizer
    card: dict[str, Any]
    foreign: ForeignEncoders = field(default_factory=ForeignEncoders)

    @property
    def intents(self) -> tuple[str, ...]:
        """Ids of the intents in the order of the logits; empty when only pretrained."""
        return tuple(self.model.config.intents or ())


def save_checkpoint(checkpoint: Checkpoint, folder: Path) -> None:
    """Write the whole model folder; the card comes last, so a folder with a card is complete."""
    folder.mkdir(parents=True, exist_ok=True)
    transformers_logging.disable_progress_bar()
    checkpoint.model.save_pretrained(folder)
    checkpoint.featurizer.save(folder)
    save_tokenizer(checkpoint.tokenizer, folder)
    checkpoint.foreign.save(folder)
    config = checkpoint.model.config
    card = checkpoint.card | {"text_encoder": config.text_encoder, "image_encoder": config.image_encoder}
    text = json.dumps(card, ensure_ascii=False, indent=2, sort_keys=True)
    (folder / CARD_FILE).write_text(text + "\n", encoding="utf-8")


def load_checkpoint(folder: Path) -> Checkpoint:
    """Read a model folder.

    Raises:
        BrokenCheckpointError: a file is missing, damaged or does not fit the others.
    """
    model = _load_model(folder)
    return Checkpoint(
        model=model,
        featurizer=Featurizer.load(folder),
        tokenizer=load_tokenizer(folder),
        card=_load_card(folder),
        foreign=ForeignEncoders.load(folder, model.config),
    )


def _load_model(folder: Path) -> SessionModel:
    if not (folder / "config.json").is_file():
        raise BrokenCheckpointError(f"'{folder}' has no config.json, expected a model folder; choose another model.")
    transformers_logging.disable_progress_bar()
    try:
        model, info = SessionModel.from_pretrained(
            folder, local_files_only=True, output_loading_info=True, dtype=torch.float32
        )
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise BrokenCheckpointError(
            f"The model in '{folder}' cannot be loaded ({error}); import or train it again."
        ) from error
    absent = sorted(info["missing_keys"]) or sorted(str(key) for key in info["mismatched_keys"])
    if absent:
        raise BrokenCheckpointError(
            f"The weights in '{folder}' lack '{absent[0]}' ({len(absent)} in all); import or train the model again."
        )
    return model.eval()


def _load_card(folder: Path) -> dict[str, Any]:
    path = folder / CARD_FILE
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BrokenCheckpointError(f"{path} cannot be read ({error}); import or train the model again.") from error
    if not isinstance(card, dict):
        raise BrokenCheckpointError(f"{path} holds {type(card).__name__}, expected a JSON object.")
    return card
