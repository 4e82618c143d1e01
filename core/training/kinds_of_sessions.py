"""The kinds of the snapshot's sessions by a pretrained model, as a file beside its weights."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from core.model.featurizer import EventTable
from core.model.heads import FORECAST_SIZE
from core.model.session_model import SessionModel
from core.model.window import batches_by_length
from core.training.labels import Labels
from core.training.prepared import PreparedEvents
from core.training.scoring import is_last_of_session
from core.training.semisupervised.kinds import Tick, believed_kinds
from core.training.semisupervised.named_kinds import SessionKinds
from core.training.snapshot import TrainingSnapshot

KINDS_FILE = "kinds.parquet"
FITTED_EVENTS, TOLD_EVENTS = 100_000, 500_000
"""Of a larger log, visitors drawn by lot with so many events are learned from, and so many are told their kinds."""
FEW_LABELS = 50
"""Sessions or events that people labeled: with fewer a teacher begins at kinds."""
LEAST_EVENTS = 2
"""Of a session, as in every label queue."""
LEAST_SESSIONS_A_KIND = 10
_CATCH_ALL = "other"
_KINDS_AN_INTENT, _USUAL_INTENTS, _MOST_KINDS = 1.5, 6, 30
_POSITIONS_A_PASS = 8192


def save_kinds(
    folder: Path,
    model: SessionModel,
    prepared: PreparedEvents,
    snapshot: TrainingSnapshot,
    seed: int,
    tick: Tick = lambda done, total: None,
) -> int:
    """Write session_id, kind (int32 from 0 up) and sureness (float32, the kind's probability at the last event).

    A log with fewer than ten sessions a kind gets no file.

    Returns:
        How many sessions were told their kind.
    """
    intents = sum(intent != _CATCH_ALL for intent in snapshot.taxonomy)
    kinds = kinds_for(intents)
    told = some_visitors(prepared.table.visitor_starts, len(prepared.table), TOLD_EVENTS, seed)
    events = snapshot.events.loc[told, ["session_id"]]
    size = events.groupby("session_id")["session_id"].transform("size").to_numpy()
    ends = is_last_of_session(events) & (size >= LEAST_EVENTS)
    if ends.sum() < kinds * LEAST_SESSIONS_A_KIND:
        return 0
    table = _rows_of(prepared.table, told)
    fitted = some_visitors(table.visitor_starts, len(table), FITTED_EVENTS, seed)
    forecasts = _forecasts(model, prepared, np.flatnonzero(told)[fitted], lambda: tick(0, 1))
    every = np.ones(len(table), dtype=bool)
    beliefs = believed_kinds(table, forecasts, fitted, kinds, seed, kept=every, tick=tick)
    _write(folder / KINDS_FILE, events["session_id"].to_numpy()[ends], beliefs[torch.from_numpy(ends)])
    return int(ends.sum())


def kinds_for_few(labels: Labels, folder: Path | None, events: pd.DataFrame) -> SessionKinds | None:
    """The kinds in the base model's folder that a teacher begins at; None of many labels, which it does better without.

    On the sample shop sixty labeled sessions did as well either way, fifty labeled event by event better without.
    """
    if folder is None or int(labels.decisive.sum()) >= FEW_LABELS:
        return None
    return read_kinds(folder, events)


def read_kinds(folder: Path, events: pd.DataFrame) -> SessionKinds | None:
    """What `save_kinds` wrote into a model's folder, of the sessions that are among the snapshot's events."""
    if not (folder / KINDS_FILE).is_file():
        return None
    told = pd.read_parquet(folder / KINDS_FILE)
    rows = np.flatnonzero(is_last_of_session(events))
    found = pd.DataFrame({"session_id": events["session_id"].to_numpy()[rows], "row": rows}).merge(told)
    kinds = int(told["kind"].max()) + 1
    sureness = found["sureness"].to_numpy(dtype=np.float32)
    rest = (1 - sureness) / max(1, kinds - 1)
    beliefs = np.repeat(rest[:, None], kinds, axis=1)
    beliefs[np.arange(len(found)), found["kind"]] = sureness
    return SessionKinds(found["row"].to_numpy(copy=True), beliefs) if len(found) else None


def kinds_for(intents: int) -> int:
    """How many kinds to look for: half as many again as there are intents, *Other* aside.

    What many sessions are about shows itself in more than one way, and what few are about is then not lost among them.
    """
    return min(max(2, round(_KINDS_AN_INTENT * (intents or _USUAL_INTENTS))), _MOST_KINDS)


def some_visitors(starts: np.ndarray, events: int, most: int, seed: int) -> np.ndarray:
    """[N] bool: the events of as many visitors, drawn by lot, as have at most `most` together; at least of one."""
    sizes = np.diff(np.append(starts, events))
    order = np.random.default_rng(seed).permutation(len(sizes))
    chosen = np.zeros(len(sizes), dtype=bool)
    chosen[order[np.cumsum(sizes[order]) <= most]] = True
    chosen[order[0]] = True
    return np.repeat(chosen, sizes)


def _rows_of(table: EventTable, chosen: np.ndarray) -> EventTable:
    """The chosen rows [N] bool of whole visitors."""
    parts = {name: getattr(table, name)[chosen] for name in ("codes", "numbers", "own_text", "title", "image")}
    place = np.cumsum(chosen) - 1
    starts = table.visitor_starts[chosen[table.visitor_starts]]
    return replace(table, **parts, visitor_starts=place[starts])


def _forecasts(
    model: SessionModel, prepared: PreparedEvents, rows: np.ndarray, tick: Callable[[], None]
) -> torch.Tensor:
    """[F, FORECAST_SIZE] at the rows [F], all those of whole visitors."""
    windows = prepared.windows
    windows = windows.take(np.isin(windows.start, rows, kind="table"))
    place = np.full(len(prepared.table), -1, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    forecasts = torch.empty(len(rows), FORECAST_SIZE)
    with torch.no_grad():
        for chosen in batches_by_length(windows, _POSITIONS_A_PASS):
            part = windows.take(chosen)
            states = model(prepared.batch(part)).last_hidden_state
            offset = np.arange(states.shape[1])
            scored = (offset < part.length[:, None]) & (offset >= part.scored_from[:, None])
            answered = place[(part.start[:, None] + offset)[scored]]
            forecasts[torch.from_numpy(answered)] = model.next_event.forecast(states[torch.from_numpy(scored)])
            tick()
    return forecasts


def _write(path: Path, sessions: np.ndarray, beliefs: torch.Tensor) -> None:
    sureness, kind = beliefs.max(dim=-1)
    frame = pd.DataFrame(
        {
            "session_id": sessions,
            "kind": kind.numpy().astype(np.int32),
            "sureness": sureness.numpy().round(4),
        }
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    frame.to_parquet(temporary, compression="zstd", index=False)
    temporary.replace(path)
