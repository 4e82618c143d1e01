"""Labelled events that both models answer: the fairest there are, from held-out labels down to the newest."""

from collections.abc import Iterator, Mapping
from datetime import datetime

import numpy as np
import pandas as pd

from core.intents.resolution import pooled
from core.intents.taxonomy import merged_intents
from core.registry.gate.decision import Basis, judged_intents
from core.registry.gate.heldout import HeldOut, read_held_out
from core.registry.gate.paired import Paired
from core.registry.models import ModelRecord
from core.store.item_queries import items
from core.store.labeled_queries import newest_labels, streams_of
from core.store.warehouse import Warehouse

MOST_LABELS = 400
"""Newest labels that are scored anew; some seconds of work."""

Evidence = tuple[Basis, Paired]


def best_evidence(warehouse: Warehouse, challenger: ModelRecord, champion: ModelRecord) -> Evidence | None:
    """The fairest evidence that judges at least one intent; else the first there is; None without any."""
    found: list[Evidence] = []
    for evidence in _kinds(warehouse, challenger, champion):
        if evidence is not None and judged_intents(evidence[1]):
            return evidence
        found += [evidence] if evidence is not None else []
    return found[0] if found else None


def _kinds(warehouse: Warehouse, challenger: ModelRecord, champion: ModelRecord) -> Iterator[Evidence | None]:
    """From fair to lenient; models are loaded only when the recorded answers do not suffice."""
    merged = merged_intents(warehouse)
    new, old = read_held_out(challenger, merged), read_held_out(champion, merged)
    yield _both_held_out(new, old)
    made = _made(champion)
    labels = newest_labels(warehouse, MOST_LABELS)
    live = _Live(warehouse, merged)
    yield _challenger_held_out(new, champion, labels[labels["created_at"] > made], live)
    both = (challenger, champion)
    yield _newest("newest_unseen", both, labels[labels["created_at"] > max(made, _made(challenger))], live)
    yield _newest("newest", both, labels, live)


def _both_held_out(new: HeldOut | None, old: HeldOut | None) -> Evidence | None:
    if new is None or old is None:
        return None
    shared = new.frame[["event_id", "visitor_id", "answer"]].merge(old.frame[["event_id"]], on="event_id")
    return _paired("held_out", shared, new.answers_at(shared["event_id"]), old.answers_at(shared["event_id"]))


def _challenger_held_out(
    new: HeldOut | None, champion: ModelRecord, labels: pd.DataFrame, live: "_Live"
) -> Evidence | None:
    if new is None:
        return None
    shared = new.frame[["event_id", "visitor_id", "answer"]]
    shared = shared[shared["event_id"].isin(labels["event_id"])]
    return _paired("challenger_held_out", shared, new.answers_at(shared["event_id"]), live.of(champion, shared))


def _newest(
    basis: Basis, models: tuple[ModelRecord, ModelRecord], labels: pd.DataFrame, live: "_Live"
) -> Evidence | None:
    challenger, champion = models
    return _paired(basis, labels, live.of(challenger, labels), live.of(champion, labels))


class _Live:
    """Answers of registered models at events of the warehouse; a visitor's whole stream is read."""

    def __init__(self, warehouse: Warehouse, merged: Mapping[str, str]) -> None:
        self._warehouse, self._merged = warehouse, merged

    def of(self, record: ModelRecord, rows: pd.DataFrame) -> pd.DataFrame:
        """[len(rows), intents of the model as they count now] by event_id."""
        if rows.empty:
            return pd.DataFrame(columns=list(record.intents), dtype=float)
        from core.model.scorer import SessionScorer  # torch, only where answers are not recorded

        events = streams_of(self._warehouse, sorted(set(rows["visitor_id"].astype(str))))
        scorer = SessionScorer.load(record.folder)
        wanted = events["item_id"].dropna().unique()
        media = self._warehouse.settings.media_folder
        answers = scorer.score(events, items(self._warehouse, list(wanted)), media)
        intents, answers = pooled(answers, scorer.intents, self._merged)
        frame = pd.DataFrame(answers, columns=list(intents), index=events["event_id"])
        return frame.reindex(rows["event_id"])


def _paired(basis: Basis, rows: pd.DataFrame, challenger: pd.DataFrame, champion: pd.DataFrame) -> Evidence | None:
    """Both models' answers over the intents of either and of the labels; None without rows."""
    answered = (challenger.notna().all(axis=1).to_numpy() & champion.notna().all(axis=1).to_numpy()).astype(bool)
    if not len(rows) or not answered.any():
        return None
    rows = rows[answered]
    intents = tuple(dict.fromkeys([*champion.columns, *challenger.columns, *rows["answer"]]))
    place = {intent: index for index, intent in enumerate(intents)}
    both = [
        frame.loc[answered].reindex(columns=list(intents), fill_value=0.0).to_numpy(np.float64)
        for frame in (challenger, champion)
    ]
    answers = rows["answer"].map(place).to_numpy(np.int64)
    return basis, Paired(intents, answers, rows["visitor_id"].to_numpy(dtype=object), *both)


def _made(record: ModelRecord) -> datetime:
    return record.created_at
