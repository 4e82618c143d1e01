"""The labels that a model was taught: as its training noted them, or as the journal stood when it was made."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd

from core.errors import TooFewLabelsError
from core.registry.models import ModelRecord
from core.store.taught_queries import items_named, labels_as_of, streams_until
from core.store.warehouse import Warehouse
from core.training.arguments import FinetuneArguments
from core.training.labels import read_labels
from core.training.supervision import loss_weights
from core.training.trace import read_taught, targets_of, taught_rows


@dataclass(frozen=True)
class Taught:
    """R labeled events in the order of `events`, and the streams they stand in.

    events: of the labeled visitors, each up to the last label; items: that they name
    rows: [R] int64 rows of `events`; targets: [R, K] float32; weights: [R] float32
    decisive: [R] bool, the labeled event, or the labeled session's last
    is_exact: the training noted them itself
    """

    events: pd.DataFrame
    items: pd.DataFrame
    rows: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    decisive: np.ndarray
    is_exact: bool

    def __len__(self) -> int:
        return len(self.rows)


def find_taught(warehouse: Warehouse, record: ModelRecord) -> Taught:
    """What taught this model, as far as its events are still there.

    Raises:
        BrokenCheckpointError: what the training noted is damaged.
    """
    noted = read_taught(record.folder)
    if noted is not None:
        events = streams_until(warehouse, event_ids=noted["event_id"].tolist())
        return _placed(warehouse, noted, events, record, is_exact=True)
    labels = labels_as_of(warehouse, record.created_at)
    events = streams_until(warehouse, session_ids=labels["session_id"].unique().tolist())
    return _placed(warehouse, _from_journal(labels, events, record), events, record, is_exact=False)


def _from_journal(labels: pd.DataFrame, events: pd.DataFrame, record: ModelRecord) -> pd.DataFrame:
    """The rows that a training on these labels would have noted; none where there were too few."""
    arguments = _arguments(record)
    given = labels["given_intent"]  # a model knows an intent by the name that it had in its training
    labels = labels.assign(intent=given.where(given.isin(record.intents), labels["intent"]))
    labels = labels[labels["intent"].isin(record.intents)]
    try:
        read = read_labels(labels, events, record.intents, earlier_event_weight=arguments.earlier_event_weight)
    except TooFewLabelsError:
        return pd.DataFrame(columns=["event_id", "session_id", "visitor_id", "targets", "weight", "decisive"])
    rows = taught_rows(read, loss_weights(read, arguments), events, arguments.label_smoothing)
    return rows.assign(targets=pd.Series(_widened(rows, read.intents, record.intents), index=rows.index))


def _widened(rows: pd.DataFrame, intents: tuple[str, ...], known: tuple[str, ...]) -> list[np.ndarray]:
    """The targets over all of the model's intents, of which nobody may have used some."""
    targets = np.zeros((len(rows), len(known)), dtype=np.float32)
    targets[:, [known.index(intent) for intent in intents]] = targets_of(rows, intents)
    return list(targets)


def _placed(
    warehouse: Warehouse, noted: pd.DataFrame, events: pd.DataFrame, record: ModelRecord, *, is_exact: bool
) -> Taught:
    place = pd.Series(np.arange(len(events)), index=events["event_id"])
    kept = noted[noted["event_id"].isin(place.index)]
    rows = place.loc[kept["event_id"]].to_numpy(dtype=np.int64)
    order = np.argsort(rows, kind="stable")
    kept, rows = kept.iloc[order], rows[order]
    targets = targets_of(kept, record.intents) if len(kept) else np.zeros((0, len(record.intents)), dtype=np.float32)
    return Taught(
        events=events,
        items=items_named(warehouse, events["item_id"].dropna().unique().tolist()),
        rows=rows,
        targets=targets,
        weights=kept["weight"].to_numpy(dtype=np.float32),
        decisive=kept["decisive"].to_numpy(dtype=bool),
        is_exact=is_exact,
    )


def _arguments(record: ModelRecord) -> FinetuneArguments:
    """As the card tells them; what it does not tell, or an older version called otherwise, as usual."""
    told: dict[str, Any] = dict(record.card.get("recipe") or {})
    known = {field.name for field in fields(FinetuneArguments)}
    wanted = ("label_smoothing", "earlier_event_weight", "class_weights")
    return FinetuneArguments(**{name: told[name] for name in wanted if name in told and name in known})
