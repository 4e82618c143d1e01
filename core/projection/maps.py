"""The maps of a data folder: one a serving model, made by a process of its own beside any training."""

import shutil
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import pandas as pd
import pyarrow.parquet as pq

from core.jobs.process import is_alive, start_worker
from core.jobs.progress import RunStatus, read_status, write_status
from core.jobs.spec import JobSpec
from core.projection.job import EMBEDDINGS_FILE, MAP_FILE
from core.store.frames import read_value
from core.store.warehouse import Warehouse

State = Literal["none", "running", "ready", "failed"]
TARGET = "core.projection.job:run"
SEED = 0


@dataclass(frozen=True)
class MapState:
    """Where a model's map is.

    state: `ready` may hold fewer sessions than are scored by now (`sessions` of `scored`).
    share: of the work done, 0 to 1, while it runs; error: what went wrong.
    """

    state: State
    sessions: int = 0
    scored: int = 0
    share: float = 0.0
    error: str | None = None
    running: bool = False

    @property
    def is_stale(self) -> bool:
        """Sessions were scored that are not on it."""
        return self.state == "ready" and self.sessions < self.scored


class SessionMaps:
    """Makes, follows and reads the maps; each model's is in `maps/MODEL` of the data folder."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._folder = warehouse.settings.home / "maps"
        self._lock = threading.Lock()

    def state(self, model_id: str) -> MapState:
        """Where the model's map is; a process that died is told as failed."""
        folder = self._of(model_id)
        scored = self._scored(model_id)
        status = read_status(folder)
        running = status is not None and not status.is_over and is_alive(folder)
        made = folder / "output" / MAP_FILE
        if made.is_file():
            return MapState("ready", pq.read_metadata(made).num_rows, scored, _share(status), running=running)
        if status is None:
            return MapState("none", scored=scored)
        if running:
            return MapState("running", scored=scored, share=_share(status), running=True)
        last = status.log_tail.strip().splitlines()[-1:] or ["It left no log."]
        return MapState("failed", scored=scored, error=status.error or last[0])

    def make(self, model_id: str) -> None:
        """Start making the model's map, or bringing it up to date, unless that is under way; other models' maps go."""
        with self._lock:
            if self.state(model_id).running:
                return
            self._forget_others(model_id)
            folder = self._of(model_id)
            (folder / "snapshot").mkdir(parents=True, exist_ok=True)
            self._freeze(model_id, folder / "snapshot" / EMBEDDINGS_FILE)
            spec = JobSpec(
                run_id=f"map-{model_id}",
                kind="map",
                target=TARGET,
                arguments={},
                snapshot=folder / "snapshot",
                output=folder / "output",
                base_model=None,
                seed=SEED,
                threads=self._warehouse.settings.threads,
            )
            spec.save(folder)
            now = self._warehouse.clock()
            status = RunStatus(spec.run_id, spec.kind, "queued", created_at=now)
            write_status(folder, replace(status, status="running", started_at=now))
            start_worker(folder, self._warehouse.settings.threads)

    def read(self, model_id: str) -> pd.DataFrame:
        """Columns session_id, x, y (float32), in an order that is random but the same for the same sessions."""
        frame: pd.DataFrame = pd.read_parquet(self._of(model_id) / "output" / MAP_FILE)
        return frame

    def version(self, model_id: str) -> int:
        """Changes whenever the map does."""
        return (self._of(model_id) / "output" / MAP_FILE).stat().st_mtime_ns

    def _of(self, model_id: str) -> Path:
        return self._folder / Path(model_id).name

    def _forget_others(self, model_id: str) -> None:
        for folder in self._folder.iterdir() if self._folder.is_dir() else ():
            if folder.name != Path(model_id).name and not self.state(folder.name).running:
                shutil.rmtree(folder, ignore_errors=True)

    def _scored(self, model_id: str) -> int:
        query = "SELECT count(embedding) FROM session_states WHERE model_id = ?"
        return int(read_value(self._warehouse, query, [model_id]))

    def _freeze(self, model_id: str, path: Path) -> None:
        query = f"""
            COPY (SELECT session_id, embedding FROM session_states
                WHERE model_id = $model AND embedding IS NOT NULL ORDER BY hash(session_id), session_id)
            TO '{str(path).replace("'", "''")}' (FORMAT parquet, COMPRESSION zstd)
        """
        with self._warehouse.cursor() as cursor:
            cursor.execute(query, {"model": model_id}).fetchall()


def _share(status: RunStatus | None) -> float:
    return min(1.0, status.step / status.total) if status is not None and status.total else 0.0
