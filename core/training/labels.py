"""Annotations to training targets: event labels at their event, session labels on the session's later events."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.errors import TooFewLabelsError

_LEAST_WEIGHT = 0.05
LEAST_LABELED_TARGETS = 4
LEAST_INTENTS = 2


@dataclass(frozen=True)
class Labels:
    """Targets at R rows of the snapshot's events.

    rows: [R] int64; targets: [R, K] float32, annotators' shares; weights: [R] float32
    decisive: [R] bool, rows that carry the annotation itself (the labeled event, the labeled session's last event)
    sessions: [R] int64 code of the row's session
    weak: [R] bool, rows that rules labeled and nobody else; None where there are none
    bulk: [R] bool, rows labeled in bulk only, which teach and never measure; None where there are none
    """

    intents: tuple[str, ...]
    rows: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    decisive: np.ndarray
    sessions: np.ndarray
    weak: np.ndarray | None = None
    bulk: np.ndarray | None = None

    @property
    def measuring(self) -> np.ndarray:
        """[R] bool: decisive rows of sessions that somebody looked at; a model is measured on these alone."""
        return self.decisive if self.bulk is None else self.decisive & ~self.bulk

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, chosen: np.ndarray) -> "Labels":
        """The chosen rows (bool or int index)."""
        return replace(
            self,
            rows=self.rows[chosen],
            targets=self.targets[chosen],
            weights=self.weights[chosen],
            decisive=self.decisive[chosen],
            sessions=self.sessions[chosen],
            weak=None if self.weak is None else self.weak[chosen],
            bulk=None if self.bulk is None else self.bulk[chosen],
        )

    def answers(self) -> np.ndarray:
        """[R] int64: the intent most annotators chose, the taxonomy's first where they tie."""
        return self.targets.argmax(axis=1)


def smoothed(targets: np.ndarray, smoothing: float) -> np.ndarray:
    """Targets [R, K] of which a share goes to all intents alike (Szegedy et al. 2016): [R, K] float32."""
    spread: np.ndarray = (targets * (1 - smoothing) + smoothing / targets.shape[1]).astype(np.float32)
    return spread


def read_labels(
    annotations: pd.DataFrame, events: pd.DataFrame, taxonomy: tuple[str, ...], *, earlier_event_weight: float
) -> Labels:
    """Targets for the intents that have at least one label, in the taxonomy's order.

    Args:
        annotations: the snapshot's; abstentions are not in it.
        events: the snapshot's, sorted.
        earlier_event_weight: factor of a session label's weight for each event before the last.

    Raises:
        TooFewLabelsError: fewer than two intents or four labeled targets.
    """
    shares = annotator_shares(annotations)
    intents = tuple(intent for intent in taxonomy if intent in set(shares["intent"]))
    _check_enough(shares, intents, taxonomy)
    column = {intent: index for index, intent in enumerate(intents)}
    targets: dict[int, np.ndarray] = {}
    weights: dict[int, float] = {}
    decisive: set[int] = set()
    bulk: set[int] = set()
    place = _Places(events)
    for (kind, target), part in shares.groupby(["target_kind", "target"], sort=True):  # "event" before "session"
        answer = np.zeros(len(intents), dtype=np.float32)
        for intent, share in zip(part["intent"], part["share"], strict=True):
            if intent in column:
                answer[column[intent]] += share
        rows = place.of(str(kind), str(target))
        for back, row in enumerate(reversed(rows)):
            weight = earlier_event_weight**back
            if weight < _LEAST_WEIGHT:
                break
            if row not in targets:
                targets[row], weights[row] = answer, weight
                bulk.update([row] if part["bulk"].iloc[0] else [])
            if back == 0:
                decisive.add(row)
    rows_sorted = np.array(sorted(targets), dtype=np.int64)
    return Labels(
        intents=intents,
        rows=rows_sorted,
        targets=np.stack([targets[row] for row in rows_sorted]),
        weights=np.array([weights[row] for row in rows_sorted], dtype=np.float32),
        decisive=np.array([row in decisive for row in rows_sorted]),
        sessions=place.session_codes[rows_sorted],
        bulk=np.array([row in bulk for row in rows_sorted]) if bulk else None,
    )


class _Places:
    """Rows of a target: the event's own, or all of a session's in order of time."""

    def __init__(self, events: pd.DataFrame) -> None:
        self._event_row = pd.Series(np.arange(len(events)), index=events["event_id"])
        self.session_codes, names = pd.factorize(events["session_id"])
        self._session = {name: code for code, name in enumerate(names)}
        order = np.argsort(self.session_codes, kind="stable")
        bounds = np.searchsorted(self.session_codes[order], np.arange(len(names) + 1))
        self._order, self._bounds = order, bounds

    def of(self, kind: str, target: str) -> list[int]:
        if kind == "event":
            return [int(self._event_row[target])] if target in self._event_row.index else []
        code = self._session.get(target)
        if code is None:
            return []
        return [int(row) for row in self._order[self._bounds[code] : self._bounds[code + 1]]]


def annotator_shares(annotations: pd.DataFrame) -> pd.DataFrame:
    """[target_kind, target, intent, share, bulk]: each annotator one vote, of those that decide."""
    key = ["target_kind", "target"]
    frame = of_gold_first(annotations)
    votes = frame.groupby([*key, "intent"]).agg(votes=("intent", "size"), bulk=("bulk", "all")).reset_index()
    total = votes.groupby(key)["votes"].transform("sum")
    return votes.assign(share=votes["votes"] / total)


def of_gold_first(annotations: pd.DataFrame) -> pd.DataFrame:
    """The annotations that decide, with their `target` and `bulk`.

    Gold alone where a target has any, else everybody's; those given in bulk only where there is no other.
    """
    frame = annotations.dropna(subset=["intent"])
    frame = frame.assign(target=frame["event_id"].where(frame["target_kind"] == "event", frame["session_id"]))
    if "bulk" not in frame:  # a snapshot of an earlier version
        frame = frame.assign(bulk=False)
    rank = np.where(frame["status"].eq("gold"), 2, np.where(frame["bulk"], 0, 1))
    ranks = pd.Series(rank, index=frame.index)
    best = ranks.groupby([frame["target_kind"], frame["target"]]).transform("max") if len(frame) else ranks
    return frame[ranks == best]


def _check_enough(shares: pd.DataFrame, intents: tuple[str, ...], taxonomy: tuple[str, ...]) -> None:
    labeled = len(shares.drop_duplicates(["target_kind", "target"]))
    absent = [intent for intent in taxonomy if intent not in intents]
    if len(intents) < LEAST_INTENTS:
        raise TooFewLabelsError(
            f"Labels name {len(intents)} intent(s) {list(intents)}, expected at least {LEAST_INTENTS}; "
            f"label some sessions as {', '.join(absent[:3]) or 'another intent'} next."
        )
    if labeled < LEAST_LABELED_TARGETS:
        raise TooFewLabelsError(
            f"{labeled} session(s) or event(s) are labeled, expected at least {LEAST_LABELED_TARGETS}; "
            f"label {LEAST_LABELED_TARGETS - labeled} more on the Label page."
        )


def _check_measurable(rows: int) -> None:
    if not rows:
        raise TooFewLabelsError(
            "All labels were given in bulk, which teach a model but cannot measure it; "
            f"label at least {LEAST_LABELED_TARGETS} sessions one by one on the Label page."
        )


def split_by_time(labels: Labels, events: pd.DataFrame, validation_share: float) -> tuple[np.ndarray, np.ndarray]:
    """Training and validation rows of the labels ([R] bool each): the visitors labeled latest are held out.

    A visitor is on one side only, and who teaches was not seen after those who measure, the last one to teach an intent
    aside (`hold_out`). Labels given in bulk have no say in who is held out, for they cannot measure.

    Raises:
        TooFewLabelsError: all labels were given in bulk.
    """
    visitors = events["visitor_id"].to_numpy(dtype=object)[labels.rows]
    at = events["occurred_at"].to_numpy()[labels.rows]
    measuring = labels.measuring
    if labels.bulk is not None:
        _check_measurable(int(measuring.sum()))
    frame = pd.DataFrame({"visitor": visitors, "at": at, "session": labels.sessions})[measuring]
    grouped = frame.groupby("visitor").agg(at=("at", "max"), sessions=("session", "nunique")).sort_values("at")
    wanted = max(1, round(validation_share * int(grouped["sessions"].sum())))
    held_out = hold_out(labels, visitors, grouped["sessions"][::-1], wanted)
    if len(held_out) == len(grouped):  # one visitor: the last rows in time are held out instead
        cut = np.sort(at)[-max(1, round(validation_share * len(at)))]
        validation = at >= cut
    else:
        validation = np.isin(visitors, held_out)
    return ~validation, validation


def hold_out(labels: Labels, visitors: np.ndarray, sessions: pd.Series, wanted: int) -> np.ndarray:
    """Visitors in the given order until so many sessions are together, passing over the last ones to teach an intent.

    A model that no label of an intent is left to teach cannot be measured at it. Where everybody is the last one of
    some intent, the first visitors in order are held out as they come.

    Args:
        visitors: [R] of the labels' rows.
        sessions: how many of each visitor measure, the one to hold out first in front.

    Returns:
        [V] object, at least one of them.
    """
    said = pd.DataFrame(labels.targets[labels.decisive] > 0).groupby(visitors[labels.decisive]).sum()
    of_visitor = said.reindex(sessions.index, fill_value=0).to_numpy()
    left = said.to_numpy().sum(axis=0)
    chosen, still = np.zeros(len(sessions), dtype=bool), wanted
    for place, (count, own) in enumerate(zip(sessions, of_visitor, strict=True)):
        if still <= 0:
            break
        if not ((left == own) & (own > 0)).any():
            left, still = left - own, still - count
            chosen[place] = True
    if not chosen.any():
        chosen[: int((sessions.cumsum() < wanted).sum()) + 1] = True
    return sessions.index.to_numpy(dtype=object)[chosen]
