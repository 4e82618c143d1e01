"""What a fine-tuned model keeps of its training, so that it can be asked later which labels taught it what.

A model folder's `trace/` holds the labels as they were taught (taught.parquet), the weights at a few moments of the
training (TracInCP, Pruthi et al. 2020) and the learning rates of those moments (trace.json). The last moment is the
delivered model itself, so a trace of three states costs two files, without the text and picture encoders.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from core.errors import BrokenCheckpointError
from core.training.arguments import FinetuneArguments
from core.training.labels import Labels, smoothed

TRACE_FOLDER = "trace"
STATES = 3
"""Moments of a training that count, the delivered model among them, evenly apart."""

_TAUGHT_FILE = "taught.parquet"
_ABOUT_FILE = "trace.json"
_NOT_KEPT = ("text_encoder.", "image_encoder.")
_KEPT_RECIPES = ("full", "head", "prefix")
"""Those whose weights have the same names in training as after it."""


def is_kept(arguments: FinetuneArguments) -> bool:
    """Whether a training with these arguments leaves checkpoints that can be asked: one seed, no adapters."""
    return arguments.recipe in _KEPT_RECIPES and arguments.seeds == 1 and not arguments.tunes


class Trace:
    """Keeps the weights while a model is trained; to be told after each step."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._rates: list[float] = []
        folder.mkdir(parents=True, exist_ok=True)

    def stepped(self, done: int, total: int, learning_rate: float, model: nn.Module) -> None:
        """After step `done` (from 1) of `total`, taken at this rate."""
        moments = {-(-total * number // STATES) for number in range(1, STATES + 1)}
        if done not in moments:
            return
        self._rates.append(learning_rate)
        if done < total:
            weights = {
                name: value.detach().cpu().clone().contiguous()
                for name, value in model.state_dict().items()
                if not name.startswith(_NOT_KEPT)
            }
            save_file(weights, self._folder / _checkpoint_name(len(self._rates)))

    def close(self) -> None:
        """Note the rates; a model that took no step has none, and counts as it is."""
        text = json.dumps({"learning_rates": self._rates or [1.0]})
        (self._folder / _ABOUT_FILE).write_text(text + "\n", encoding="utf-8")


@dataclass(frozen=True)
class Traced:
    """learning_rates: of all moments, the delivered model's last; checkpoints: the files of those before it."""

    learning_rates: tuple[float, ...]
    checkpoints: tuple[Path, ...]


def read_trace(folder: Path) -> Traced | None:
    """What a model folder keeps of its training; None where it was trained before any of it was kept.

    Raises:
        BrokenCheckpointError: the trace is damaged.
    """
    path = folder / TRACE_FOLDER / _ABOUT_FILE
    if not path.is_file():
        return None
    try:
        rates = tuple(float(rate) for rate in json.loads(path.read_text(encoding="utf-8"))["learning_rates"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BrokenCheckpointError(f"'{path}' cannot be read ({error}); train the model again.") from error
    files = tuple(folder / TRACE_FOLDER / _checkpoint_name(number) for number in range(1, len(rates)))
    return Traced(rates, files)


def load_weights(path: Path) -> dict[str, torch.Tensor]:
    """The weights of a moment.

    Raises:
        BrokenCheckpointError: the file is missing or damaged.
    """
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise BrokenCheckpointError(f"'{path}' cannot be read ({error}); train the model again.") from error


def taught_rows(labels: Labels, weights: np.ndarray, events: pd.DataFrame, smoothing: float) -> pd.DataFrame:
    """One row a labeled event: event_id, session_id, visitor_id, targets (list of K), weight, decisive.

    Args:
        weights: [R] with which each row counts in the loss.
        events: those that `labels.rows` number.
        smoothing: of the labels.
    """
    named = events.iloc[labels.rows][["event_id", "session_id", "visitor_id"]].reset_index(drop=True)
    return named.assign(
        targets=list(smoothed(labels.targets, smoothing)),
        weight=weights.astype(np.float32),
        decisive=labels.decisive,
    )


def save_taught(folder: Path, rows: pd.DataFrame) -> None:
    """Keep what `taught_rows` told in a model folder."""
    (folder / TRACE_FOLDER).mkdir(parents=True, exist_ok=True)
    rows.to_parquet(folder / TRACE_FOLDER / _TAUGHT_FILE, compression="zstd", index=False)


def read_taught(folder: Path) -> pd.DataFrame | None:
    """The labels a model was taught; None where it was trained before they were kept.

    Raises:
        BrokenCheckpointError: the file is damaged.
    """
    path = folder / TRACE_FOLDER / _TAUGHT_FILE
    if not path.is_file():
        return None
    try:
        rows: pd.DataFrame = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise BrokenCheckpointError(f"'{path}' cannot be read ({error}); train the model again.") from error
    return rows


def targets_of(rows: pd.DataFrame, intents: Sequence[str]) -> np.ndarray:
    """[R, K] float32 of the `targets` column."""
    return np.stack(rows["targets"].tolist()).astype(np.float32).reshape(len(rows), len(intents))


def _checkpoint_name(number: int) -> str:
    return f"checkpoint-{number}.safetensors"
