"""A model's kept explanation rows as distributions: by intent, with their number, their base rate and intervals."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from core.explain.study.dependence_report import Dependence
from core.explain.study.occurrences import OccurrenceKind, joined
from core.explain.study.randomized import STAGES
from core.registry.explanations import (
    DEPENDENCE_FILE,
    EXPLANATIONS_FILE,
    OCCURRENCES_FILE,
    PLAUSIBILITY_FILE,
    read_rows,
)
from core.training.metrics import BOOTSTRAP_ROUNDS, INTERVAL

MEASURES: tuple[str, ...] = (
    "comprehensiveness",
    "sufficiency",
    "agreement",
    "infidelity",
    "sensitivity",
    "relative_error",
)
PLAUSIBILITY_MEASURES: tuple[str, ...] = ("auprc", "token_f1", "iou")
RELIABILITIES: tuple[str, ...] = ("trust", "careful", "unreliable", "curiosity")
LEAST_VISITORS = 10
"""Drawing fewer visitors anew says too little of how others would differ."""
CHANGED = 0.3
"""Median Spearman ρ up to which heatmaps of shuffled weights count as other heatmaps."""
PARTLY_CHANGED = 0.6

PartKind = Literal["field", "type"]
PART_KINDS: tuple[PartKind, ...] = ("field", "type")
Sanity = Literal["changes", "partly", "unchanged", "few"]
Pointing = Literal["ahead", "unsure", "behind", "few"]


@dataclass(frozen=True)
class Mean:
    """A mean over n rows, and the 95 % interval over drawn visitors; NaN without rows."""

    value: float
    low: float
    high: float
    n: int
    visitors: int


@dataclass(frozen=True)
class ExplanationReport:
    """What was measured of one model.

    predictions, rationales: the kept rows; `rationales` is empty where nobody marked events.
    unlabelled: nobody had labelled the sampled sessions.
    occurrences: visitor_id, intent, kind, name, value; empty where an earlier version measured.
    """

    model_id: str
    method: str
    unlabelled: bool
    predictions: pd.DataFrame
    rationales: pd.DataFrame
    occurrences: pd.DataFrame = field(default_factory=pd.DataFrame)
    dependence: Dependence = field(default_factory=Dependence)

    @property
    def reliabilities(self) -> dict[str, int]:
        """How many heatmaps got each verdict, the best first."""
        counts = self.predictions["reliability"].value_counts()
        return {name: int(counts[name]) for name in RELIABILITIES if name in counts}

    def distribution(self, measure: str) -> pd.DataFrame:
        """[intent, n, low, lower, median, upper, high]: 5, 25, 50, 75 and 95 % points by intent, most rows first."""
        return _quantiles(self.predictions, "intent", measure)

    def likeness(self) -> pd.DataFrame:
        """[stage, what, n, low, lower, median, upper, high]: Spearman ρ with heatmaps of shuffled weights.

        `what`: `cells`, signed, or `sizes`.
        """
        parts = []
        for what, prefix in (("cells", "like"), ("sizes", "size_like")):
            rows = self.predictions.melt(value_vars=[f"{prefix}_{stage}" for stage in STAGES], var_name="stage")
            rows["stage"] = rows["stage"].str.removeprefix(f"{prefix}_")
            found = _quantiles(rows, "stage", "value").set_index("stage").reindex(STAGES).reset_index()
            parts.append(found.assign(what=what))
        return pd.concat(parts, ignore_index=True)

    @property
    def sanity(self) -> tuple[Sanity, float]:
        """Whether heatmaps change once all weights are shuffled, and the larger median ρ that decided it."""
        last = self.likeness()
        last = last[last["stage"] == STAGES[-1]]
        largest = float(last["median"].max())
        if self.predictions["visitor_id"].nunique() < LEAST_VISITORS or np.isnan(largest):
            return "few", largest
        if largest <= CHANGED:
            return "changes", largest
        return ("partly", largest) if largest <= PARTLY_CHANGED else ("unchanged", largest)

    def plausibility(self) -> pd.DataFrame:
        """Means beside a random order's: measure, value, low, high, chance, lead, lead_low, lead_high, n, visitors."""
        rows = []
        for measure in PLAUSIBILITY_MEASURES:
            chance = self.rationales[f"chance_{measure}"] if len(self.rationales) else pd.Series(dtype=float)
            own = mean_of(self.rationales, measure)
            lead = mean_of(self.rationales.assign(lead=self.rationales[measure] - chance), "lead") if own.n else own
            rows.append(
                {
                    "measure": measure,
                    **{name: getattr(own, name) for name in ("value", "low", "high")},
                    "chance": float(chance.mean()) if own.n else float("nan"),
                    "lead": lead.value,
                    "lead_low": lead.low,
                    "lead_high": lead.high,
                    "n": own.n,
                    "visitors": own.visitors,
                }
            )
        return pd.DataFrame(rows)

    def parts(self, kind: PartKind, intent: str) -> pd.DataFrame:
        """[name, value, low, high, n, visitors]: what each field, or event type, adds to an intent where the model says
        it, in units of probability; means over its sessions, the largest first.

        A session without an event of a type counts as one where the type adds nothing.
        """
        rows = self.predictions[self.predictions["intent"] == intent]
        columns = [name for name in rows.columns if name.startswith(f"{kind}:") and rows[name].notna().any()]
        means = [{"name": name.partition(":")[2], **vars(mean_of(rows.fillna({name: 0.0}), name))} for name in columns]
        found = pd.DataFrame(means, columns=["name", "value", "low", "high", "n", "visitors"])
        return found.sort_values("value", ascending=False, key=lambda column: column.abs(), ignore_index=True)

    def speaking(self, kind: OccurrenceKind, intent: str) -> pd.DataFrame:
        """[name, value, low, high, n, visitors]: what a transition, or word, adds to an intent where it occurs and the
        model says the intent, in units of probability; the largest first.

        Those of fewer than LEAST_VISITORS visitors are left out. Names that always occur together have one row, since
        nothing tells them apart.
        """
        rows = self.occurrences
        if len(rows):
            rows = rows[(rows["kind"] == kind) & (rows["intent"] == intent)]
            rows = rows[rows.groupby("name")["visitor_id"].transform("nunique") >= LEAST_VISITORS]
        means = [{"name": name, **vars(mean_of(group, "value"))} for name, group in _told_apart(rows)]
        found = pd.DataFrame(means, columns=["name", "value", "low", "high", "n", "visitors"])
        return found.sort_values("value", ascending=False, key=lambda column: column.abs(), ignore_index=True)

    @property
    def pointing(self) -> Pointing:
        """Whether heatmaps point where people do more than a random order, by the interval of the AUPRC's lead."""
        first = self.plausibility().iloc[0]
        if first["visitors"] < LEAST_VISITORS:
            return "few"
        if first["lead_low"] > 0:
            return "ahead"
        return "behind" if first["lead_high"] < 0 else "unsure"


def read_report(folder: Path) -> ExplanationReport | None:
    """What is kept in a model folder; None before the model's explanations were measured.

    Raises:
        UnreadableFileError: it is damaged.
    """
    predictions, about = read_rows(folder / EXPLANATIONS_FILE)
    if predictions.empty:
        return None
    rationales, _ = read_rows(folder / PLAUSIBILITY_FILE)
    occurrences, _ = read_rows(folder / OCCURRENCES_FILE)
    swept, said = read_rows(folder / DEPENDENCE_FILE)
    return ExplanationReport(
        str(about["model_id"]),
        str(about["method"]),
        bool(about["unlabelled"]),
        predictions,
        rationales,
        occurrences,
        Dependence(swept, said.get("currency")),
    )


def mean_of(rows: pd.DataFrame, column: str, seed: int = 0) -> Mean:
    """Mean and bootstrap interval, whole visitors drawn (Efron and Tibshirani 1993); rows without a value are left out.

    Args:
        rows: with visitor_id and the column.
    """
    known = rows.dropna(subset=[column]) if len(rows) else rows
    if known.empty:
        return Mean(float("nan"), float("nan"), float("nan"), 0, 0)
    grouped = known.groupby("visitor_id", sort=True)[column].agg(["sum", "size"]).to_numpy(dtype=float)
    random = np.random.default_rng(seed)
    drawn = grouped[random.integers(0, len(grouped), (BOOTSTRAP_ROUNDS, len(grouped)))].sum(axis=1)
    low, high = np.percentile(drawn[:, 0] / drawn[:, 1], INTERVAL)
    return Mean(float(known[column].mean()), float(low), float(high), len(known), len(grouped))


def _told_apart(rows: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """The occurrences by name; names with the same values of the same visitors are one."""
    alike: dict[tuple[object, ...], list[str]] = defaultdict(list)
    groups = dict(list(rows.groupby("name", sort=True))) if len(rows) else {}
    for name, group in groups.items():
        alike[(*group["visitor_id"], *group["value"])].append(str(name))
    for names in alike.values():
        yield joined(names), groups[names[0]]


def _quantiles(rows: pd.DataFrame, by: str, column: str) -> pd.DataFrame:
    """[by, n, low, lower, median, upper, high], most rows first."""
    points = {"low": 0.05, "lower": 0.25, "median": 0.5, "upper": 0.75, "high": 0.95}
    grouped = rows.dropna(subset=[column]).groupby(by, sort=True)[column]
    found = pd.DataFrame({"n": grouped.size()} | {name: grouped.quantile(share) for name, share in points.items()})
    return found.sort_values("n", ascending=False, kind="stable").rename_axis(by).reset_index()
