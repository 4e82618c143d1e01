"""Writing the ONNX graphs, and proving on random ragged windows that they answer as the model does."""

import json
import logging
import warnings
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from core.errors import ExportMismatchError, MissingPackageError
from core.model.batch import EventBatch
from core.model.fields import CODE_COLUMNS, FIELDS, NUMBER_COLUMNS
from core.model.onnx.modules import (
    BATCH_INPUTS,
    CACHE_INPUTS,
    BatchTensors,
    FullPass,
    Step,
    empty_cache,
    exportable,
)
from core.model.scorer import SessionScorer

FULL_FILE, STEP_FILE, ABOUT_FILE = "full.onnx", "step.onnx", "inputs.json"
TOLERANCE = 1e-4
_PER_EVENT = ("codes", "numbers", "own_text", "title", "image")
_STEP_OUTPUTS = ("probabilities", "next_keys", "next_values")


def write_graphs(scorer: SessionScorer, folder: Path) -> float:
    """Write full.onnx, step.onnx and inputs.json; returns the largest difference from the model that was seen.

    Raises:
        MissingPackageError: the extra `onnx` is not installed.
        ExportMismatchError: a graph answers differently from the model by more than TOLERANCE.
    """
    _need_packages()
    folder.mkdir(parents=True, exist_ok=True)
    twin = exportable(scorer.model)
    sample = BatchTensors.of(random_batch(scorer, windows=3, events=5, seed=0))
    _write(FullPass(twin, scorer.temperature).eval(), sample, folder / FULL_FILE, ("probabilities",), _full_shapes())
    event = sample._replace(**{name: getattr(sample, name)[:, :1] for name in _PER_EVENT})
    cache = tuple(torch.randn(*part.shape[:3], 4, part.shape[4]) for part in empty_cache(scorer.model, 3))
    _write(Step(twin, scorer.temperature).eval(), (*event, *cache), folder / STEP_FILE, _STEP_OUTPUTS, _step_shapes())
    (folder / ABOUT_FILE).write_text(json.dumps(_about(scorer), ensure_ascii=False, indent=2), encoding="utf-8")
    return check_graphs(scorer, folder)


def check_graphs(scorer: SessionScorer, folder: Path) -> float:
    """The largest difference of both graphs from the model, over ragged batches and over single windows.

    Raises:
        ExportMismatchError: it is above TOLERANCE.
    """
    largest = 0.0
    for seed, (windows, events) in enumerate(((4, 9), (1, 2), (2, min(33, scorer.model.config.max_events)))):
        batch = random_batch(scorer, windows, events, seed)
        with torch.no_grad():
            wanted = scorer.probabilities(scorer.model(batch).intent_logits).numpy()
        real = batch.attention_mask.numpy()
        for name, answered in (
            (FULL_FILE, run_full(folder / FULL_FILE, batch)),
            (STEP_FILE, run_steps(folder / STEP_FILE, scorer, batch)),
        ):
            difference = float(np.abs(answered - wanted)[real].max())
            if not difference <= TOLERANCE:
                raise ExportMismatchError(
                    f"'{folder / name}' differs from the model by {difference:.2g}, expected at most {TOLERANCE:g}; "
                    "do not use it, and report the versions of torch and onnxruntime."
                )
            largest = max(largest, difference)
    return largest


def run_full(path: Path, batch: EventBatch) -> np.ndarray:
    """Probabilities [B, T, K] of the full graph."""
    answered: np.ndarray = session(path)(dict(zip(BATCH_INPUTS, _arrays(BatchTensors.of(batch)), strict=True)))[0]
    return answered


def run_steps(path: Path, scorer: SessionScorer, batch: EventBatch) -> np.ndarray:
    """Probabilities [B, T, K] of the step graph, fed event by event from an empty cache."""
    run = session(path)
    keys, values = _arrays(empty_cache(scorer.model, batch.shape[0]))
    answers = []
    given = dict(zip(BATCH_INPUTS, _arrays(BatchTensors.of(batch)), strict=True))
    for at in range(batch.shape[1]):
        event = given | {name: given[name][:, at : at + 1] for name in _PER_EVENT}
        probabilities, keys, values = run(event | {"keys": keys, "values": values})
        answers.append(probabilities)
    return np.concatenate(answers, axis=1)


def session(path: Path, threads: int = 0) -> Callable[[dict[str, np.ndarray]], list[np.ndarray]]:
    """A graph as a function of its named inputs; `threads` 0 leaves the number to the runtime."""
    _need_packages()
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    loaded = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda inputs: loaded.run(None, inputs)


def random_batch(scorer: SessionScorer, windows: int, events: int, seed: int) -> EventBatch:
    """Ragged windows of made-up events: the first is full, the others end somewhere."""
    random = np.random.default_rng(seed)
    config, shape = scorer.model.config, (windows, events)
    length = np.append(events, random.integers(1, events + 1, windows - 1))
    real = np.arange(events)[None, :] < length[:, None]
    numbers = random.normal(0, 1.5, (*shape, len(NUMBER_COLUMNS)))
    numbers[random.random(numbers.shape) < 0.2] = np.nan
    codes = np.stack([random.integers(0, column.size, shape) for column in CODE_COLUMNS], axis=-1)
    rows = [torch.from_numpy(random.integers(0, size, shape) * real) for size in (7, 7, 5)]
    return EventBatch(
        codes=torch.from_numpy(codes * real[..., None]),
        numbers=torch.from_numpy(np.where(real[..., None], numbers, np.nan).astype(np.float32)),
        own_text=rows[0],
        title=rows[1],
        image=rows[2],
        text_vectors=torch.from_numpy(random.normal(size=(7, config.text_vector_size)).astype(np.float32)),
        image_vectors=torch.from_numpy(random.normal(size=(5, config.image_width)).astype(np.float32)),
        attention_mask=torch.from_numpy(real),
    )


def _write(
    module: nn.Module,
    sample: tuple[torch.Tensor, ...],
    path: Path,
    outputs: tuple[str, ...],
    shapes: dict[str, dict[int, Any]],
) -> None:
    with _quiet(), torch.no_grad():
        program = torch.onnx.export(
            module,
            tuple(sample),
            dynamo=True,
            input_names=list(shapes),
            output_names=list(outputs),
            dynamic_shapes=shapes,
            verbose=False,
        )
    if program is None:
        raise ExportMismatchError(f"'{path.name}' was not made; check the versions of torch and onnx.")
    program.save(path)


def _full_shapes() -> dict[str, dict[int, Any]]:
    windows, events = torch.export.Dim("windows"), torch.export.Dim("events")
    return {name: {0: windows, 1: events} for name in _PER_EVENT} | _table_shapes()


def _step_shapes() -> dict[str, dict[int, Any]]:
    windows, past = torch.export.Dim("windows"), torch.export.Dim("past")
    events = {name: {0: windows} for name in _PER_EVENT}
    return events | _table_shapes() | {name: {1: windows, 3: past} for name in CACHE_INPUTS}


def _table_shapes() -> dict[str, dict[int, Any]]:
    return {"text_vectors": {0: torch.export.Dim("texts")}, "image_vectors": {0: torch.export.Dim("pictures")}}


def _about(scorer: SessionScorer) -> dict[str, Any]:
    """What a caller without our code needs: the columns' order, the answers' order, the window."""
    return {
        "intents": list(scorer.intents),
        "fields": list(FIELDS),
        "code_columns": [{"name": column.name, "size": column.size} for column in CODE_COLUMNS],
        "number_columns": [column.name for column in NUMBER_COLUMNS],
        "text_vector_size": scorer.model.config.text_vector_size,
        "image_vector_size": scorer.model.config.image_width,
        "max_events": scorer.model.config.max_events,
        "cache_shape": ["layers", "windows", "heads", "past", "head_size"],
        "temperature": scorer.temperature,
        "tolerance": TOLERANCE,
    }


def _arrays(tensors: tuple[torch.Tensor, ...]) -> list[np.ndarray]:
    return [tensor.numpy() for tensor in tensors]


def _need_packages() -> None:
    try:
        import onnx  # noqa: F401
        import onnxruntime  # noqa: F401
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise MissingPackageError(
            f"ONNX needs the package '{error.name}', which is not installed; run: pip install 'intentlens[onnx]'"
        ) from error


@contextmanager
def _quiet() -> Any:
    """The exporter's notes on its own inner workings stay out of logs."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
