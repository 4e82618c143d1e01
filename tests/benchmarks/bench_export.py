"""ONNX against torch: batch scoring in events a second, and one event of one visitor in milliseconds.

Run: .venv/bin/python -m tests.benchmarks.bench_export [--threads 1] [--size small]
Prints a Markdown table. The model has the named size and made-up weights (they decide nothing about speed); windows
are full. Featurizing and text encoding are left out on both sides: they are the same work for both.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
import pandas as pd
import torch
from transformers.cache_utils import DynamicCache

from core.events.synthetic import sample_folder
from core.model.checkpoint import Checkpoint
from core.model.config import config_of_size
from core.model.featurizer import Featurizer
from core.model.onnx.modules import BATCH_INPUTS, BatchTensors, empty_cache
from core.model.onnx.writing import FULL_FILE, STEP_FILE, random_batch, session, write_graphs
from core.model.scorer import SessionScorer
from core.model.session_model import SessionModel
from core.model.text_encoder import train_tokenizer

WINDOWS, EVENTS, PAST = 64, 64, 64
SECONDS = 3.0
INTENTS = ["browse", "search", "compare", "purchase", "deal", "support"]


def median_s(work: Callable[[], object], seconds: float = SECONDS) -> float:
    """Median duration of one call."""
    for _ in range(3):
        work()
    times: list[float] = []
    while sum(times) < seconds or len(times) < 5:
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return float(np.median(times))


def _scorer(size: str) -> SessionScorer:
    torch.manual_seed(0)
    items = pd.read_parquet(sample_folder() / "items.parquet")
    events = pd.read_parquet(sample_folder() / "events.parquet").head(2000)
    config = config_of_size(size, intents=INTENTS)
    tokenizer = train_tokenizer(items["title"].astype(str).tolist(), config.text_vocabulary_size)
    checkpoint = Checkpoint(
        SessionModel(config).eval(), Featurizer.fit(events, items), tokenizer, {"model_id": "bench"}
    )
    return SessionScorer(checkpoint)


def _arrays(tensors: tuple[torch.Tensor, ...]) -> dict[str, np.ndarray]:
    return {name: tensor.numpy() for name, tensor in zip(BATCH_INPUTS, tensors, strict=True)}


@click.command()
@click.option("--threads", default=1, show_default=True)
@click.option("--size", default="small", show_default=True)
def main(threads: int, size: str) -> None:
    """Print the table."""
    torch.set_num_threads(threads)
    scorer = _scorer(size)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "onnx"
        started = time.perf_counter()
        difference = write_graphs(scorer, folder)
        export_s = time.perf_counter() - started
        full, step = (session(folder / name, threads) for name in (FULL_FILE, STEP_FILE))
        batch, one = random_batch(scorer, WINDOWS, EVENTS, 1), random_batch(scorer, 1, 1, 2)
        whole, single = _arrays(BatchTensors.of(batch)), _arrays(BatchTensors.of(one))
        shape = empty_cache(scorer.model, 1)[0].shape
        keys, values = (torch.randn(*shape[:3], PAST, shape[4]) for _ in range(2))
        past = {"keys": keys.numpy(), "values": values.numpy()}

        @torch.inference_mode()
        def torch_step() -> object:
            cache = DynamicCache(config=scorer.model.backbone.config)
            for layer in range(len(keys)):
                cache.update(keys[layer], values[layer], layer)
            return scorer.probabilities(scorer.model(one, past_key_values=cache, use_cache=True).intent_logits)

        @torch.inference_mode()
        def torch_full() -> object:
            return scorer.probabilities(scorer.model(batch).intent_logits)

        rows = {
            "torch": (median_s(torch_full), median_s(torch_step)),
            "onnxruntime": (median_s(lambda: full(whole)), median_s(lambda: step(single | past))),
        }
    print(f"{size} model, {threads} thread(s); written and checked in {export_s:.0f} s, difference {difference:.1e}\n")
    print(f"| | {WINDOWS} windows of {EVENTS} events, events/s | one event after {PAST}, ms |\n|---|---|---|")
    for name, (batch_s, step_s) in rows.items():
        print(f"| {name} | {WINDOWS * EVENTS / batch_s:,.0f} | {1000 * step_s:.2f} |")


if __name__ == "__main__":
    main()
