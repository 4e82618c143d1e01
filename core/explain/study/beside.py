"""How what speaks for an intent differs between two models, field by field and type by type, with intervals."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.explain.study.report import LEAST_VISITORS, ExplanationReport, PartKind
from core.training.metrics import BOOTSTRAP_ROUNDS, INTERVAL

COLUMNS = ("name", "first", "second", "value", "low", "high", "n_first", "n_second")


def common_intents(first: ExplanationReport, second: ExplanationReport) -> list[str]:
    """Intents that each model says in sessions of enough visitors, those said most first."""
    counts = [report.predictions.groupby("intent")["visitor_id"].nunique() for report in (first, second)]
    both = pd.concat(counts, axis=1).dropna().min(axis=1)
    return [str(intent) for intent in both[both >= LEAST_VISITORS].sort_values(ascending=False, kind="stable").index]


def parts_beside(
    first: ExplanationReport, second: ExplanationReport, kind: PartKind, intent: str, seed: int = 0
) -> pd.DataFrame:
    """COLUMNS: what a field, or event type, adds in each model where it says the intent, and first − second.

    In units of probability, the largest difference first. The interval draws whole visitors of both together, so that
    what is alike in the two because the sessions are the same cancels out. A type that a session has not, adds nothing.
    """
    rows = [report.predictions[report.predictions["intent"] == intent] for report in (first, second)]
    names = list(dict.fromkeys(name for one in rows for name in one.columns if name.startswith(f"{kind}:")))
    names = [name for name in names if any(name in one and one[name].notna().any() for one in rows)]
    if not names:
        return pd.DataFrame(columns=list(COLUMNS))
    visitors = pd.Index(sorted({*rows[0]["visitor_id"], *rows[1]["visitor_id"]}))
    times = np.random.default_rng(seed).multinomial(
        len(visitors), np.full(len(visitors), 1 / len(visitors)), BOOTSTRAP_ROUNDS
    )
    one, other = (_means(part.reindex(columns=["visitor_id", *names]), visitors, times) for part in rows)
    low, high = np.nanpercentile(one[1:] - other[1:], INTERVAL, axis=0)
    frame = pd.DataFrame(
        {
            "name": [name.partition(":")[2] for name in names],
            "first": one[0],
            "second": other[0],
            "value": one[0] - other[0],
            "low": low,
            "high": high,
            "n_first": len(rows[0]),
            "n_second": len(rows[1]),
        }
    )
    return frame.sort_values("value", ascending=False, key=lambda column: column.abs(), ignore_index=True)


def _means(rows: pd.DataFrame, visitors: pd.Index, times: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """[1 + rounds, names]: the means as they are, then of each draw of the visitors."""
    values = rows.set_index("visitor_id").fillna(0.0)
    grouped = values.groupby(level="visitor_id")
    sums = grouped.sum().reindex(visitors, fill_value=0.0).to_numpy(dtype=float)
    sizes = grouped.size().reindex(visitors, fill_value=0).to_numpy(dtype=float)
    weights = np.vstack([np.ones(len(visitors), dtype=np.int64), times])
    n = weights @ sizes
    found: npt.NDArray[np.float64] = (weights @ sums) / np.where(n > 0, n, np.nan)[:, None]
    return found
