"""The map's job: embeddings.parquet in, map.parquet out; what an earlier map of the model holds stays where it is."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import JobStoppedError
from core.jobs.progress import JobContext
from core.projection.layout import FITTED, fit_layout, of_length_one, place

EMBEDDINGS_FILE = "embeddings.parquet"
MAP_FILE = "map.parquet"
_MOST_NEW = 0.5
"""Of all sessions: with a larger share of new ones the map is laid out anew."""


def run(context: JobContext) -> dict[str, Any]:
    """Lay out the snapshot's sessions.

    The snapshot holds session_id and embedding, in an order that is random but the same for the same sessions.

    Raises:
        JobStoppedError: it was asked to stop.
    """
    spec = context.spec
    table = pq.read_table(spec.snapshot / EMBEDDINGS_FILE)
    points = of_length_one(matrix(table["embedding"]))
    session_ids = table["session_id"].to_numpy(zero_copy_only=False)

    def progress(done: int, total: int) -> None:
        if context.should_stop():
            raise JobStoppedError("The map was stopped; open it again to go on.")
        context.report(done, total, "map")

    earlier = read_map(spec.output / MAP_FILE, session_ids)
    is_known = ~np.isnan(earlier[:, 0])
    if is_known.sum() < max(2, (1 - _MOST_NEW) * len(points)):
        is_known = np.arange(len(points)) < FITTED
        earlier[is_known] = fit_layout(points[is_known], seed=spec.seed, threads=spec.threads, progress=progress)
    if not is_known.all():
        anchors = np.flatnonzero(is_known)[:FITTED]
        earlier[~is_known] = place(points[~is_known], points[anchors], earlier[anchors])
    write_map(spec.output / MAP_FILE, session_ids, earlier)
    context.report(1, 1, "map")
    return {"sessions": len(points), "fitted": int(min(is_known.sum(), FITTED))}


def matrix(lists: pa.ChunkedArray) -> np.ndarray:
    """A column of equally long lists as [N, d] float32."""
    values = lists.combine_chunks().flatten().to_numpy(zero_copy_only=False).astype(np.float32, copy=False)
    return values.reshape(len(lists), -1) if len(lists) else np.zeros((0, 1), dtype=np.float32)


def write_map(path: Path, session_ids: np.ndarray, layout: np.ndarray) -> None:
    """Write session_id, x, y, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = {"session_id": pa.array(session_ids, type=pa.string()), "x": layout[:, 0], "y": layout[:, 1]}
    temporary = path.with_suffix(".tmp")
    pq.write_table(pa.table(columns), temporary, compression="zstd")
    temporary.replace(path)


def read_map(path: Path, session_ids: np.ndarray) -> np.ndarray:
    """[N, 2] float32: where an earlier map has these sessions, NaN for those it has not."""
    layout = np.full((len(session_ids), 2), np.nan, dtype=np.float32)
    if not path.is_file():
        return layout
    before = pq.read_table(path).to_pandas().set_index("session_id").reindex(session_ids)
    layout[:] = before[["x", "y"]].to_numpy(dtype=np.float32)
    return layout
