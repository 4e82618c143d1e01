"""Weak labels as training targets: what rules say of sessions nobody labeled, beside what people said of others.

They teach only. They are put beside the training rows after the human labels were split, never among held-out ones,
and those of held-out visitors are left out.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from core.training.labels import Labels

MOST_SESSIONS = 3000
"""Sessions with a weak label used at most, by lot: more would drown the labels that people gave."""
_LEAST_KNOWN = 0.5
"""A session more likely of an intent that no human label has teaches nothing about those that have."""


def read_weak_labels(
    weak_labels: pd.DataFrame, events: pd.DataFrame, intents: tuple[str, ...], *, weight: float, seed: int
) -> Labels:
    """Soft targets at the last event of each session, none of them decisive.

    Args:
        weak_labels: the snapshot's session_id, intent, probability.
        events: the snapshot's, sorted.
        intents: of the human labels; shares of others are left out and the rest made one again.
        weight: of each session, beside 1 for a human label.
    """
    known = weak_labels[weak_labels["intent"].isin(intents)]
    shares = known.pivot_table(index="session_id", columns="intent", values="probability", aggfunc="sum", fill_value=0)
    shares = shares.reindex(columns=list(intents), fill_value=0.0).astype(np.float64)
    shares = shares[shares.sum(axis=1) >= _LEAST_KNOWN] if weight > 0 else shares.iloc[:0]
    codes, _ = pd.factorize(events["session_id"])
    last = pd.Series(np.arange(len(events)), index=events["session_id"]).groupby(level=0).max()
    shares = shares[shares.index.isin(last.index)]
    chosen = np.sort(np.random.default_rng(seed).permutation(len(shares))[:MOST_SESSIONS])
    shares = shares.iloc[chosen]
    rows = last.reindex(shares.index).to_numpy(dtype=np.int64)
    order = np.argsort(rows)
    targets = shares.to_numpy()[order]
    targets = targets / targets.sum(axis=1, keepdims=True) if len(targets) else targets
    return Labels(
        intents=intents,
        rows=rows[order],
        targets=targets.astype(np.float32),
        weights=np.full(len(rows), weight, dtype=np.float32),
        decisive=np.zeros(len(rows), dtype=bool),
        sessions=codes[rows[order]],
        weak=np.ones(len(rows), dtype=bool),
    )


def beside(labels: Labels, weak: Labels) -> Labels:
    """The labels with the weak ones beside them, in order of the rows; the labels alone where there are none."""
    weak = weak.take(~np.isin(weak.rows, labels.rows))
    if not len(weak):
        return labels
    order = np.argsort(np.concatenate([labels.rows, weak.rows]), kind="stable")

    def both(name: str) -> np.ndarray:
        parts: np.ndarray = np.concatenate([getattr(labels, name), getattr(weak, name)])[order]
        return parts

    is_weak = np.concatenate([np.zeros(len(labels), dtype=bool), np.ones(len(weak), dtype=bool)])[order]
    names = ("rows", "targets", "weights", "decisive", "sessions")
    return replace(Labels(labels.intents, *(both(name) for name in names)), weak=is_weak)


def of_other_visitors(weak: Labels, held_out: Labels, events: pd.DataFrame) -> Labels:
    """The weak labels of visitors none of whose sessions are held out."""
    visitors = events["visitor_id"].to_numpy(dtype=object)
    return weak.take(~np.isin(visitors[weak.rows].astype(str), np.unique(visitors[held_out.rows].astype(str))))
