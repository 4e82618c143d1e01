"""A study as plain JSON values: all of it, or the parts and intents that are asked for."""

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from core.events.rows import plain_rows
from core.explain.study.occurrences import OCCURRENCE_KINDS
from core.explain.study.report import MEASURES, PART_KINDS, ExplanationReport

PARTS: tuple[str, ...] = ("measures", "randomized", *PART_KINDS, *OCCURRENCE_KINDS, "dependence", "plausibility")


def to_dict(
    report: ExplanationReport,
    parts: Collection[str] = PARTS,
    intents: Collection[str] | None = None,
    limit: int | None = None,
) -> dict[str, Any]:
    """The report without its rows; what is undefined is null.

    Args:
        parts: of PARTS; what the study is of, and its verdicts, are always told.
        intents: only these; all without.
        limit: rows of each list of what speaks for an intent, the largest first; all without.
    """
    sanity, largest = report.sanity
    counts = report.predictions["intent"].value_counts()
    wanted = [str(intent) for intent in counts.index if intents is None or intent in intents]
    told: dict[str, Any] = {
        "model_id": report.model_id,
        "method": report.method,
        "unlabelled": report.unlabelled,
        "predictions": len(report.predictions),
        "intents": {str(intent): int(count) for intent, count in counts.items()},
        "reliability": report.reliabilities,
        "sanity": {"verdict": sanity, "largest_median": None if np.isnan(largest) else largest},
        "pointing": report.pointing,
    }
    if "measures" in parts:
        told["measures"] = {measure: _of(report.distribution(measure), wanted) for measure in MEASURES}
        told["chance_comprehensiveness"] = _of(report.distribution("chance"), wanted)
    if "randomized" in parts:
        told["randomized"] = plain_rows(report.likeness())
    fields = [kind for kind in PART_KINDS if kind in parts]
    if fields:
        told["parts"] = {
            kind: {intent: plain_rows(report.parts(kind, intent).iloc[:limit]) for intent in wanted} for kind in fields
        }
    occurring = [kind for kind in OCCURRENCE_KINDS if kind in parts]
    if occurring:
        told["speaking"] = {
            kind: {intent: plain_rows(report.speaking(kind, intent).iloc[:limit]) for intent in wanted}
            for kind in occurring
        }
    if "dependence" in parts:
        told["dependence"] = report.dependence.to_dict(intents)
    if "plausibility" in parts:
        told["plausibility"] = {"verdict": report.pointing, "measures": plain_rows(report.plausibility())}
    return told


def _of(distribution: pd.DataFrame, intents: Collection[str]) -> list[dict[str, Any]]:
    return plain_rows(distribution[distribution["intent"].isin(intents)])
