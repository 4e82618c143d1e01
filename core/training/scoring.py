"""Scoring job: the intent at every event of the snapshot, written as predictions.parquet."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import torch

from core.errors import NoModelError
from core.model.scorer import SessionScorer
from core.training.context import TrainingContext, stop_if_asked
from core.training.snapshot import read_snapshot

PREDICTIONS_FILE = "predictions.parquet"


def run(context: TrainingContext) -> dict[str, Any]:
    """Score all events of the snapshot by the run's base model.

    Returns:
        {"events": N, "model_id": ..., "intents": [...], "metrics": {"mean_confidence": ...}}.

    Raises:
        NoModelError: the run names no model; BrokenCheckpointError; JobStoppedError.
    """
    spec = context.spec
    if spec.base_model is None:
        raise NoModelError("No model is chosen for scoring, expected a finetuned one; fine-tune a model first.")
    torch.set_num_threads(spec.threads)
    scorer = SessionScorer.load(spec.base_model)
    snapshot = read_snapshot(spec.snapshot)
    context.log(f"{len(snapshot.events)} events, model {scorer.model_id}")

    def progress(done: int, total: int) -> None:
        stop_if_asked(context)
        context.report(done, total, "score")

    last = is_last_of_session(snapshot.events)
    probabilities, states = scorer.score_and_embed(snapshot.events, snapshot.items, last, snapshot.media, progress)
    spec.output.mkdir(parents=True, exist_ok=True)
    write_predictions(spec.output / PREDICTIONS_FILE, snapshot.events, probabilities, scorer, (last, states))
    return {
        "events": len(snapshot.events),
        "model_id": scorer.model_id,
        "intents": list(scorer.intents),
        "metrics": {"mean_confidence": float(probabilities.max(axis=1).mean())},
    }


def is_last_of_session(events: pd.DataFrame) -> np.ndarray:
    """[N] bool: the event is the last of its session; `events` are in order of time for each visitor."""
    last: np.ndarray = (~events["session_id"].duplicated(keep="last") & events["session_id"].notna()).to_numpy()
    return last


def write_predictions(
    path: Path,
    events: pd.DataFrame,
    probabilities: np.ndarray,
    scorer: SessionScorer,
    embeddings: tuple[np.ndarray, np.ndarray],
) -> None:
    """Write event_id, session_id, visitor_id, model, probabilities (list in the model's order), p_<intent>, embedding.

    Args:
        embeddings: [N] bool, which events have one, and [S, d] float32, theirs in order; the others have null.
    """
    columns: dict[str, pa.Array] = {
        name: pa.array(events[name], type=pa.string(), from_pandas=True)
        for name in ("event_id", "session_id", "visitor_id")
    }
    columns["model"] = pa.array([scorer.model_id] * len(events), type=pa.string())
    offsets = np.arange(len(events) + 1, dtype=np.int32) * len(scorer.intents)
    columns["probabilities"] = pa.ListArray.from_arrays(offsets, pa.array(probabilities.ravel(), type=pa.float32()))
    for index, intent in enumerate(scorer.intents):
        columns[f"p_{intent}"] = pa.array(probabilities[:, index], type=pa.float32())
    columns["embedding"] = _sparse_lists(*embeddings)
    temporary = path.with_suffix(".tmp")
    pq.write_table(pa.table(columns), temporary, compression="zstd")
    temporary.replace(path)


def _sparse_lists(present: np.ndarray, values: np.ndarray) -> pa.Array:
    """A list column: row i of `values` at the i-th present row, null elsewhere."""
    offsets = np.concatenate([[0], np.cumsum(present)]).astype(np.int32) * np.int32(values.shape[1])
    return pa.ListArray.from_arrays(
        offsets, pa.array(values.ravel(), type=pa.float32()), mask=pa.array(~present, type=pa.bool_())
    )
