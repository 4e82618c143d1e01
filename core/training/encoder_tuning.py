"""Encoders that learn with the session model: a step encodes its own texts and pictures anew, with gradients.

When to use it: texts or pictures say much, and some hundred labels or a teacher say what to read in them. When not:
an encoder of others on a slow machine, since every step runs it forward and back.
"""

import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import nn

from core.model.batch import EventBatch
from core.model.checkpoint import Checkpoint
from core.model.image_encoder import read_picture
from core.model.text_encoder import token_ids
from core.training.optimizer import Optimizer
from core.training.prepared import PreparedEvents
from core.training.recipes.recipe import LEAST_RANK

Encode = Callable[[list[int]], torch.Tensor]
_RATES = {("full", True): 5e-5, ("lora", True): 5e-4, ("full", False): 5e-4, ("lora", False): 2e-3}
"""Learning rates by tuning and by whether the encoder is of others: what learned from much text moves little."""


class EncoderTuning:
    """The text and the picture encoder of one checkpoint; used once: `begin`, steps, `finish`.

    Args:
        text, image: `frozen`, `lora` (Hu et al. 2022; merged at the end) or `full`.
    """

    def __init__(self, checkpoint: Checkpoint, prepared: PreparedEvents, text: str, image: str) -> None:
        self._checkpoint = checkpoint
        self._prepared = prepared
        self._text = None if text == "frozen" else _Slot.text(checkpoint, text)
        self._image = None if image == "frozen" else _Slot.image(checkpoint, image)

    @property
    def _slots(self) -> list["_Slot"]:
        return [slot for slot in (self._text, self._image) if slot is not None]

    def begin(self, optimizer: Optimizer, weight_decay: float) -> nn.ModuleList:
        """Let the encoders' weights move by the optimiser; the encoders."""
        for slot in self._slots:
            optimizer.add(slot.begin(), slot.learning_rate, weight_decay)
        return self.encoders()

    def encoders(self) -> nn.ModuleList:
        """As they now are."""
        return nn.ModuleList([slot.module for slot in self._slots])

    def fresh(self, batch: EventBatch) -> EventBatch:
        """The batch with the vectors of its own texts and pictures encoded by the encoders as they now are."""
        if self._text is not None:
            rows = _distinct(batch.own_text, batch.title)
            batch = replace(batch, text_vectors=_put(batch.text_vectors, rows, self._read_texts))
        if self._image is not None:
            batch = replace(batch, image_vectors=_put(batch.image_vectors, _distinct(batch.image), self._read_pictures))
        return batch

    def refresh(self) -> None:
        """Encode all prepared texts and pictures anew, so that the model can be asked."""
        self.encoders().eval()
        self._prepared.encode_again(self._checkpoint)

    def finish(self) -> None:
        """Leave plain encoders, and the prepared events encoded by them."""
        for slot in self._slots:
            slot.finish()
        self.refresh()

    def _read_texts(self, rows: list[int]) -> torch.Tensor:
        texts = [self._prepared.table.texts[row] for row in rows]
        foreign, own = self._checkpoint.foreign.text, self._checkpoint.model.text_encoder
        if foreign is not None:
            return foreign.states(texts)
        assert own is not None  # noqa: S101 - a model without a foreign encoder has its own
        vectors: torch.Tensor = own(token_ids(self._checkpoint.tokenizer, texts, own.max_tokens))
        return vectors

    def _read_pictures(self, rows: list[int]) -> torch.Tensor:
        foreign, own = self._checkpoint.foreign.image, self._checkpoint.model.image_encoder
        encoder: Any = foreign if foreign is not None else own
        media = self._prepared.media
        assert media is not None  # noqa: S101 - rows of readable pictures come from there
        names = [self._prepared.table.images[row] for row in rows]
        read = [read_picture(media / name, encoder.pixels) for name in names]
        pictures = np.stack(
            [np.zeros((3, encoder.pixels, encoder.pixels), np.float32) if p is None else p for p in read]
        )
        vectors: torch.Tensor = foreign.states(pictures) if foreign is not None else encoder(torch.from_numpy(pictures))
        return vectors


class _Slot:
    """Where a checkpoint keeps an encoder's network: an attribute of an owner."""

    def __init__(self, owner: Any, name: str, how: str, foreign: bool) -> None:
        self._owner, self._name, self._how, self._foreign = owner, name, how, foreign
        self.learning_rate = _RATES[how, foreign]

    @classmethod
    def text(cls, checkpoint: Checkpoint, how: str) -> "_Slot":
        foreign = checkpoint.foreign.text
        return cls(foreign, "model", how, True) if foreign else cls(checkpoint.model.text_encoder, "bert", how, False)

    @classmethod
    def image(cls, checkpoint: Checkpoint, how: str) -> "_Slot":
        foreign = checkpoint.foreign.image
        return cls(foreign, "model", how, True) if foreign else cls(checkpoint.model, "image_encoder", how, False)

    @property
    def module(self) -> nn.Module:
        module: nn.Module = getattr(self._owner, self._name)
        return module

    def begin(self) -> nn.Module:
        self.module.requires_grad_(True)
        if self._how == "lora":
            setattr(self._owner, self._name, _with_adapters(self.module))
        return self.module

    def finish(self) -> None:
        if self._how == "lora":
            merged: Any = self.module
            setattr(self._owner, self._name, merged.merge_and_unload())
        self.module.requires_grad_(not self._foreign).eval()


def _with_adapters(module: nn.Module) -> Any:
    """Low-rank changes beside every matrix and convolution that encodes."""
    from peft import LoraConfig, get_peft_model  # takes seconds to import, and only this needs it

    names = [
        name
        for name, part in module.named_modules()
        if isinstance(part, nn.Linear | nn.Conv2d) and not name.startswith(("decoder.", "pooler."))
    ]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)  # peft asks by the old name
        settings = LoraConfig(r=LEAST_RANK, lora_alpha=2 * LEAST_RANK, target_modules=names)
        return get_peft_model(module, settings)


def _distinct(*rows: torch.Tensor) -> torch.Tensor:
    """[D] the rows that stand for something."""
    found: torch.Tensor = torch.unique(torch.cat([part.flatten() for part in rows]))
    return found[found > 0]


def _put(vectors: torch.Tensor, rows: torch.Tensor, encode: Encode) -> torch.Tensor:
    """The table [U, d] with these rows encoded anew."""
    return vectors.index_copy(0, rows, encode(rows.tolist())) if len(rows) else vectors
