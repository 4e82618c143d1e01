"""How well buying is foreseen after so many events and at so much of the session; never without the base rate."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

PREFIXES: tuple[int, ...] = (1, 3, 5, 10)
"""Events seen; among the sessions that have so many before an order or their end."""

SHARES: tuple[float, ...] = (0.25, 0.5, 0.75)
"""Parts of the session; how long it will be is known only afterwards, so these say how early, not how soon."""

BOOTSTRAP_ROUNDS = 200
_INTERVAL = (2.5, 97.5)
_BINS = 10


@dataclass(frozen=True)
class Prefix:
    """One row of the table: the events it is measured at (int row numbers)."""

    kind: str
    at: float
    rows: np.ndarray


def prefixes(place: np.ndarray, length: np.ndarray) -> Iterator[Prefix]:
    """The table's rows over R events, of which `place` [R] were seen and which `length` [R] their session has."""
    for count in PREFIXES:
        yield Prefix("events", count, np.flatnonzero(place == count))
    for share in SHARES:
        yield Prefix("share", share, np.flatnonzero(place == np.ceil(share * length).astype(np.int64)))


def measure(
    answers: np.ndarray, contenders: Mapping[str, np.ndarray], visitors: np.ndarray, seed: int = 0
) -> dict[str, Any]:
    """Figures of several contenders at the same events, ready for JSON.

    Args:
        answers: [R] bool; contenders: [R] probabilities by name, the model's first; visitors: [R], drawn whole.

    Returns:
        sessions, buyers, base_rate, and by contender auroc, pr_auc with their 95 % intervals; each rival also has
        `behind`, the interval of the model's PR-AUC minus its own over the same draws. None where every session
        bought or none did.
    """
    about: dict[str, Any] = {
        "sessions": len(answers),
        "buyers": int(answers.sum()),
        "base_rate": float(answers.mean()) if len(answers) else None,
    }
    if not answers.any() or answers.all():
        return about | dict.fromkeys(contenders)
    draws: dict[str, list[tuple[float, float]]] = {name: [] for name in contenders}
    for rows in _draws(answers, visitors, seed):
        for name, probabilities in contenders.items():
            draws[name].append(_figures(answers[rows], probabilities[rows]))
    model = np.array(next(iter(draws.values())))
    for number, (name, probabilities) in enumerate(contenders.items()):
        auroc, pr_auc = _figures(answers, probabilities)
        drawn = np.array(draws[name])
        about[name] = {
            "auroc": auroc,
            "pr_auc": pr_auc,
            "auroc_interval": _interval(drawn[:, 0]),
            "pr_auc_interval": _interval(drawn[:, 1]),
        }
        if number:
            about[name]["behind"] = _interval(model[:, 1] - drawn[:, 1])
    return about


def table_of(
    answers: np.ndarray,
    place: np.ndarray,
    length: np.ndarray,
    contenders: Mapping[str, np.ndarray],
    visitors: np.ndarray,
) -> list[dict[str, Any]]:
    """One row a prefix: kind ("events" or "share"), at, and what `measure` says there."""
    return [
        {"kind": prefix.kind, "at": prefix.at}
        | measure(
            answers[prefix.rows],
            {name: probabilities[prefix.rows] for name, probabilities in contenders.items()},
            visitors[prefix.rows],
        )
        for prefix in prefixes(place, length)
    ]


def calibration(answers: np.ndarray, probabilities: np.ndarray) -> dict[str, Any]:
    """ece (equal-width bins of the probability), brier, and the bins: mean probability, share that bought, events."""
    place = np.minimum((probabilities * _BINS).astype(np.int64), _BINS - 1)
    count = np.bincount(place, minlength=_BINS)
    said = np.bincount(place, weights=probabilities, minlength=_BINS)
    bought = np.bincount(place, weights=answers, minlength=_BINS)
    bins = [
        {"probability": float(said[b] / count[b]), "bought": float(bought[b] / count[b]), "events": int(count[b])}
        for b in range(_BINS)
        if count[b]
    ]
    return {
        "ece": float(np.abs(said - bought).sum() / len(answers)),
        "brier": float(brier_score_loss(answers, probabilities)),
        "bins": bins,
    }


def _figures(answers: np.ndarray, probabilities: np.ndarray) -> tuple[float, float]:
    return float(roc_auc_score(answers, probabilities)), float(average_precision_score(answers, probabilities))


def _draws(answers: np.ndarray, visitors: np.ndarray, seed: int) -> Iterator[np.ndarray]:
    """Rows of whole visitors, drawn with replacement; draws of one answer only say nothing and are left out."""
    random = np.random.default_rng(seed)
    _, codes = np.unique(visitors, return_inverse=True)
    order = np.argsort(codes, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(codes))[:-1])
    for _ in range(BOOTSTRAP_ROUNDS):
        rows = np.concatenate([members[group] for group in random.integers(0, len(members), len(members))])
        if answers[rows].any() and not answers[rows].all():
            yield rows


def _interval(values: np.ndarray) -> list[float]:
    low, high = np.percentile(values, _INTERVAL)
    return [float(low), float(high)]
