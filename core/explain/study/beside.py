"""How what speaks for an intent differs between two models: fields, event types, transitions and words.

Intervals draw whole visitors of both models together, so that what is alike in the two because the sessions are the
same cancels out (paired bootstrap, Efron and Tibshirani 1993).
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse, stats

from core.explain.study.occurrences import OCCURRENCE_KINDS, OccurrenceKind, joined
from core.explain.study.report import LEAST_VISITORS, PART_KINDS, ExplanationReport, PartKind
from core.training.metrics import BOOTSTRAP_ROUNDS, INTERVAL

COLUMNS = ("name", "first", "second", "value", "low", "high", "n_first", "n_second", "adjusted_p")
SURE = 0.05
"""Up to this adjusted_p a difference is said to be beyond chance: of those said so, one in twenty is not."""

Floats = npt.NDArray[np.float64]


def common_intents(first: ExplanationReport, second: ExplanationReport) -> list[str]:
    """Intents that each model says in sessions of enough visitors, those said most first."""
    counts = [report.predictions.groupby("intent")["visitor_id"].nunique() for report in (first, second)]
    both = pd.concat(counts, axis=1).dropna().min(axis=1)
    return [str(intent) for intent in both[both >= LEAST_VISITORS].sort_values(ascending=False, kind="stable").index]


def shared_sessions(first: ExplanationReport, second: ExplanationReport) -> int:
    """In how many sessions both models were studied."""
    return len({*first.predictions["session_id"]} & {*second.predictions["session_id"]})


def kinds_of_both(first: ExplanationReport, second: ExplanationReport) -> list[PartKind | OccurrenceKind]:
    """The kinds of parts that both were studied for; an earlier version studied no transitions and words."""
    occurred = len(first.occurrences) and len(second.occurrences)
    return [*PART_KINDS, *(OCCURRENCE_KINDS if occurred else ())]


def differences(
    first: ExplanationReport, second: ExplanationReport, kind: PartKind | OccurrenceKind, intent: str, seed: int = 0
) -> pd.DataFrame:
    """COLUMNS: what a part adds to an intent in each model, and first − second; in units of probability, largest first.

    adjusted_p: the chance of so large a difference where there is none, adjusted for the number of rows (Benjamini and
    Hochberg 1995), by the spread of the drawn differences and Student's t.
    """
    if kind in OCCURRENCE_KINDS:
        return speaking_beside(first, second, "word" if kind == "word" else "transition", intent, seed)
    return parts_beside(first, second, "field" if kind == "field" else "type", intent, seed)


def turned(found: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Of the sure rows of `differences` those of another sign in each: `for`, that speak for the intent in the first
    model and against it in the second, and `against`, the other way round.
    """
    sure = found[found["adjusted_p"] <= SURE]
    return {
        "for": sure[(sure["first"] > 0) & (sure["second"] < 0)],
        "against": sure[(sure["first"] < 0) & (sure["second"] > 0)],
    }


def parts_beside(
    first: ExplanationReport, second: ExplanationReport, kind: PartKind, intent: str, seed: int = 0
) -> pd.DataFrame:
    """COLUMNS of `differences`: a field, or event type, where each model says the intent.

    A type that a session has not, adds nothing.
    """
    rows = [report.predictions[report.predictions["intent"] == intent] for report in (first, second)]
    names = list(dict.fromkeys(name for one in rows for name in one.columns if name.startswith(f"{kind}:")))
    names = [name for name in names if any(name in one and one[name].notna().any() for one in rows)]
    names = names if all(len(one) for one in rows) else []
    visitors = _visitors(rows)
    sums, sizes = zip(*(_sums_of_parts(one, names, visitors) for one in rows), strict=True)
    return _compared([name.partition(":")[2] for name in names], visitors, sums, sizes, seed)


def speaking_beside(
    first: ExplanationReport, second: ExplanationReport, kind: OccurrenceKind, intent: str, seed: int = 0
) -> pd.DataFrame:
    """COLUMNS of `differences`: a transition, or word, where it occurs and each model says the intent.

    Those of fewer than LEAST_VISITORS visitors in either model are left out: where one of them does not say the intent,
    nothing is known of what a word adds to it. Names that always occur together in both have one row.
    """
    rows = [_occurring(report.occurrences, kind, intent) for report in (first, second)]
    names = sorted({*rows[0]["name"]} & {*rows[1]["name"]}) if all(len(one) for one in rows) else []
    rows = [one[one["name"].isin(names)] for one in rows]
    groups = _told_apart(rows, names)
    visitors = _visitors(rows)
    sums, sizes = zip(*(_sums_of_names(one, [names[0] for names in groups], visitors) for one in rows), strict=True)
    return _compared([joined(names) for names in groups], visitors, sums, sizes, seed)


def _occurring(occurrences: pd.DataFrame, kind: OccurrenceKind, intent: str) -> pd.DataFrame:
    """visitor_id, name, value of names with enough visitors."""
    if occurrences.empty:
        return pd.DataFrame(columns=["visitor_id", "name", "value"])
    rows = occurrences[(occurrences["kind"] == kind) & (occurrences["intent"] == intent)]
    enough = rows.groupby("name")["visitor_id"].transform("nunique") >= LEAST_VISITORS
    return rows.loc[enough, ["visitor_id", "name", "value"]]


def _told_apart(rows: Sequence[pd.DataFrame], names: Sequence[str]) -> list[list[str]]:
    """The names, those together that have the same values of the same visitors in both models."""
    groups: list[dict[Any, pd.DataFrame]] = [dict(iter(one.groupby("name", sort=False))) for one in rows]
    alike: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for name in names:
        of_both = [groups[at][name] for at in (0, 1)]
        alike[tuple((*one["visitor_id"], *one["value"]) for one in of_both)].append(name)
    return list(alike.values())


def _visitors(rows: Sequence[pd.DataFrame]) -> pd.Index:
    return pd.Index(sorted({*rows[0]["visitor_id"], *rows[1]["visitor_id"]}))


def _sums_of_parts(rows: pd.DataFrame, names: Sequence[str], visitors: pd.Index) -> tuple[Any, Any]:
    """[V, N] each: the sums of a visitor's values, and of how many sessions."""
    grouped = rows.reindex(columns=["visitor_id", *names]).set_index("visitor_id").fillna(0.0).groupby("visitor_id")
    sums = grouped.sum().reindex(visitors, fill_value=0.0).to_numpy(dtype=float)
    sizes = grouped.size().reindex(visitors, fill_value=0).to_numpy(dtype=float)
    return sums, np.broadcast_to(sizes[:, None], sums.shape)


def _sums_of_names(rows: pd.DataFrame, names: Sequence[str], visitors: pd.Index) -> tuple[Any, Any]:
    """As `_sums_of_parts`, sparse: most visitors meet few of the words."""
    kept = rows[rows["name"].isin(names)]
    places = visitors.get_indexer(pd.Index(kept["visitor_id"])), pd.Index(names).get_indexer(pd.Index(kept["name"]))
    shape = len(visitors), len(names)
    sums = sparse.coo_array((kept["value"].to_numpy(dtype=float), places), shape).tocsr()
    return sums, sparse.coo_array((np.ones(len(kept)), places), shape).tocsr()


def _compared(
    names: Sequence[str], visitors: pd.Index, sums: Sequence[Any], sizes: Sequence[Any], seed: int
) -> pd.DataFrame:
    """COLUMNS of `differences`, of sums and sizes [V, N] of each model."""
    if not names:
        return pd.DataFrame(columns=list(COLUMNS))
    times = np.random.default_rng(seed).multinomial(
        len(visitors), np.full(len(visitors), 1 / len(visitors)), BOOTSTRAP_ROUNDS
    )
    weights = np.vstack([np.ones(len(visitors)), times])
    one, other = (_means(weights @ sums[at], weights @ sizes[at]) for at in (0, 1))
    value, drawn = one[0] - other[0], one[1:] - other[1:]
    low, high = np.nanpercentile(drawn, INTERVAL, axis=0)
    of_fewer = np.minimum(*((size > 0).sum(axis=0) for size in sizes))
    frame = pd.DataFrame(
        {
            "name": names,
            "first": one[0],
            "second": other[0],
            "value": value,
            "low": low,
            "high": high,
            "n_first": sizes[0].sum(axis=0).astype(int),
            "n_second": sizes[1].sum(axis=0).astype(int),
            "adjusted_p": stats.false_discovery_control(_chances(value, np.nanstd(drawn, axis=0), of_fewer)),
        }
    )
    return frame.sort_values("value", ascending=False, key=lambda column: column.abs(), ignore_index=True)


def _means(sums: Floats, sizes: Floats) -> Floats:
    """[1 + rounds, N]: as they are, then of each draw of the visitors; NaN where a draw has none of the sessions."""
    found: Floats = np.divide(sums, sizes, out=np.full(sums.shape, np.nan), where=sizes > 0)
    return found


def _chances(value: Floats, spread: Floats, visitors: npt.NDArray[np.int64]) -> Floats:
    """[N]: two-sided p of each difference; what does not spread is certain."""
    steadiness = np.divide(np.abs(value), spread, out=np.where(value == 0, 0.0, np.inf), where=spread > 0)
    found: Floats = 2 * stats.t.sf(steadiness, np.maximum(visitors - 1, 1))
    return found
