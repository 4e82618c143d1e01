"""Whether more labels still change the models' minds, told by sessions nobody labelled."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from core.active.stopping import WATCHED_FILE, WINDOW, StoppingSignal, stabilized
from core.registry.models import ModelRecord
from core.store.learning_queries import labelled_among
from core.store.warehouse import Warehouse

LEAST_WATCHED = 100
"""Sessions; the agreement of fewer is too coarse to tell 0.99 from 0.95."""
MOST_MODELS = 12


@dataclass(frozen=True)
class WatchedSignal:
    """The agreement of successive models, oldest first.

    models: their ids; sessions: watched ones that nobody labelled; signal: None while those are too few.
    """

    models: tuple[str, ...]
    sessions: int
    signal: StoppingSignal | None

    @property
    def missing_models(self) -> int:
        """How many more are needed for a first judgement."""
        return max(0, WINDOW + 1 - len(self.models))


def watched_signal(warehouse: Warehouse, records: Sequence[ModelRecord]) -> WatchedSignal:
    """As of now: what the models said of the watched sessions, without those that have been labelled since."""
    made = sorted(records, key=lambda record: record.created_at)
    told = {record.model_id: record for record in made if (record.folder / WATCHED_FILE).is_file()}
    newest = dict(list(told.items())[-MOST_MODELS:])
    if not newest:
        return WatchedSignal((), 0, None)
    said = pd.concat(
        [_said(record.folder / WATCHED_FILE) for record in newest.values()],
        axis=1,
        join="inner",
        keys=list(newest),
    )
    said = said[~said.index.isin(labelled_among(warehouse, [str(one) for one in said.index]))]
    if len(said) < LEAST_WATCHED:
        return WatchedSignal(tuple(newest), len(said), None)
    predictions = [said[model_id].to_numpy(dtype=object).astype(str) for model_id in newest]
    return WatchedSignal(tuple(newest), len(said), stabilized(predictions))


@lru_cache(maxsize=2 * MOST_MODELS)
def _said(path: Path) -> "pd.Series[str]":
    """Intents by session_id; a model's folder never changes, and an open page asks every few seconds."""
    said: pd.Series[str] = pd.read_parquet(path).set_index("session_id")["intent"]
    return said
