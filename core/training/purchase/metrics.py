"""How well buying is foreseen after so many events and at so much of the session; never without the base rate."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.metrics import brier_score_loss

PREFIXES: tuple[int, ...] = (1, 3, 5, 10)
"""Events seen; among the sessions that have so many before an order or their end."""

SHARES: tuple[float, ...] = (0.25, 0.5, 0.75)
"""Parts of the session; how long it will be is known only afterwards, so these say how early, not how soon."""

BOOTSTRAP_ROUNDS = 200
_DRAWS_AT_ONCE = 20
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
    drawn = {name: _drawn_figures(answers, values, visitors, seed) for name, values in contenders.items()}
    model = next(iter(drawn.values()))
    for number, (name, probabilities) in enumerate(contenders.items()):
        auroc, pr_auc = _figures(answers, probabilities, np.ones((1, len(answers))))
        about[name] = {
            "auroc": float(auroc[0]),
            "pr_auc": float(pr_auc[0]),
            "auroc_interval": _interval(drawn[name][0]),
            "pr_auc_interval": _interval(drawn[name][1]),
        }
        if number:
            about[name]["behind"] = _interval(model[1] - drawn[name][1])
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


def _figures(answers: np.ndarray, probabilities: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """AUROC [D] and average precision [D] for D weightings [D, R] of the same R events, as scikit-learn defines them.

    One sort serves all weightings, which makes two hundred draws as cheap as two calls.
    """
    order = np.argsort(-probabilities, kind="stable")
    sorted_probabilities = probabilities[order]
    last_of_tie = np.append(np.flatnonzero(np.diff(sorted_probabilities)), len(order) - 1)
    bought = np.cumsum(weights[:, order] * answers[order], axis=1)[:, last_of_tie]
    others = np.cumsum(weights[:, order] * ~answers[order], axis=1)[:, last_of_tie]
    more_bought = np.diff(bought, axis=1, prepend=0.0)
    more_others = np.diff(others, axis=1, prepend=0.0)
    precision = bought / np.maximum(bought + others, 1e-12)
    pr_auc = (more_bought * precision).sum(axis=1) / bought[:, -1]
    auroc = (more_others * (bought - more_bought / 2)).sum(axis=1) / (bought[:, -1] * others[:, -1])
    return auroc, pr_auc


def _drawn_figures(
    answers: np.ndarray, probabilities: np.ndarray, visitors: np.ndarray, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """AUROC and average precision over draws of whole visitors with replacement; the same draws for every contender.

    Draws of one answer only say nothing and are left out.
    """
    random = np.random.default_rng(seed)
    _, codes = np.unique(visitors, return_inverse=True)
    count = int(codes.max()) + 1
    parts = []
    for _ in range(BOOTSTRAP_ROUNDS // _DRAWS_AT_ONCE):
        times = random.multinomial(count, np.full(count, 1 / count), size=_DRAWS_AT_ONCE)
        weights = times[:, codes].astype(np.float64)
        both = (weights[:, answers].sum(axis=1) > 0) & (weights[:, ~answers].sum(axis=1) > 0)
        parts.append(_figures(answers, probabilities, weights[both]))
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def _interval(values: np.ndarray) -> list[float]:
    low, high = np.percentile(values, _INTERVAL)
    return [float(low), float(high)]
