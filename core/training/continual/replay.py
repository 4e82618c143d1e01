"""Which labels are new, and which earlier ones are learned again (experience replay, Rolnick et al. 2019)."""

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import pandas as pd

from core.errors import InvalidSettingError, TooFewLabelsError
from core.training.labels import Labels


@dataclass(frozen=True)
class LabelHistory:
    """All labels, and which of their rows are of sessions labelled since yesterday's model: [R] bool."""

    labels: Labels
    is_new: np.ndarray

    @property
    def new(self) -> Labels:
        return self.labels.take(self.is_new)

    @property
    def earlier(self) -> Labels:
        return self.labels.take(~self.is_new)


def split_by_age(labels: Labels, annotations: pd.DataFrame, events: pd.DataFrame, since: str) -> LabelHistory:
    """Labels since a time and those before; a session with a label of each counts as new.

    Args:
        since: ISO time, UTC.

    Raises:
        InvalidSettingError: `since` is no time.
        TooFewLabelsError: nothing was labelled since.
    """
    begin = _time(since)
    recent = annotations.loc[annotations["created_at"] > begin, "session_id"]
    _, names = pd.factorize(events["session_id"])
    is_new = np.isin(names.to_numpy(dtype=object)[labels.sessions].astype(str), recent.astype(str).unique())
    if not is_new.any():
        raise TooFewLabelsError(
            f"No session was labelled since {begin:%Y-%m-%d %H:%M} (UTC), when the model to continue from was made; "
            "label some sessions first, or give an earlier `since`."
        )
    return LabelHistory(labels, is_new)


def stratified(labels: Labels, most: int, seed: int) -> Labels:
    """At most `most` sessions per intent (by the answer at their last labelled row), all rows of each, seeded."""
    random = np.random.default_rng(seed)
    last = pd.Series(labels.answers(), index=labels.sessions).groupby(level=0).last()
    chosen: list[int] = []
    for _, part in last.groupby(last):
        chosen.extend(random.permutation(part.index.to_numpy())[:most])
    return labels.take(np.isin(labels.sessions, chosen))


def joined(one: Labels, two: Labels) -> Labels:
    """The rows of both, in order of the rows."""
    order = np.argsort(np.concatenate([one.rows, two.rows]), kind="stable")

    def both(of_one: np.ndarray, of_two: np.ndarray) -> np.ndarray:
        return np.concatenate([of_one, of_two])[order]

    return Labels(
        intents=one.intents,
        rows=both(one.rows, two.rows),
        targets=both(one.targets, two.targets),
        weights=both(one.weights, two.weights),
        decisive=both(one.decisive, two.decisive),
        sessions=both(one.sessions, two.sessions),
    )


def with_intents(labels: Labels, intents: tuple[str, ...]) -> Labels:
    """The labels with targets in the order of more intents; those without a label are zero."""
    targets = np.zeros((len(labels), len(intents)), dtype=np.float32)
    for column, intent in enumerate(labels.intents):
        targets[:, intents.index(intent)] = labels.targets[:, column]
    return replace(labels, intents=intents, targets=targets)


def _time(text: str) -> pd.Timestamp:
    try:
        return pd.Timestamp(datetime.fromisoformat(text).replace(tzinfo=None))
    except ValueError as error:
        raise InvalidSettingError(f"since is '{text}', expected a time such as 2026-05-31T08:00:00.") from error
