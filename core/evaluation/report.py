"""Everything the Evaluate page and `intentlens evaluate` say of one model, computed once from its records."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from core.evaluation.calibration_curve import calibration_curve
from core.evaluation.flips import flip_counts, flip_summary
from core.evaluation.prefix_quality import by_events_seen, by_share_seen
from core.evaluation.records import BASELINES, NAMES, Records
from core.evaluation.scores import Score, difference_score, scores_beside
from core.training.held_out import MODEL
from core.training.metrics import evaluate_probabilities

PER_INTENT_COLUMNS = ("intent", "precision", "recall", "f1", "pr_auc", "base_rate", "support", "trees_f1")


@dataclass(frozen=True)
class EvaluationReport:
    """Figures of one model; frames have a row a `name` (model, trees, kgram, base_rate) where they set them beside.

    scores: macro-F1 by name. best_baseline: the name of the best one; lead: the model's macro-F1 less its, paired.
    metrics: what `evaluate_probabilities` says, by name. per_intent: PER_INTENT_COLUMNS.
    """

    records: Records
    labelled: Records
    scores: dict[str, Score]
    best_baseline: str
    lead: Score
    metrics: dict[str, dict[str, Any]]
    per_intent: pd.DataFrame
    calibration: pd.DataFrame
    seen: pd.DataFrame
    shares: pd.DataFrame
    flips: pd.DataFrame
    flip_counts: pd.DataFrame


def make_report(records: Records) -> EvaluationReport:
    """All figures of some records, which hold at least one label."""
    labelled = records.labelled()
    scores = scores_beside(labelled)
    best = max(BASELINES, key=lambda name: scores[name].value)
    metrics = {name: evaluate_probabilities(labelled.labels(), labelled.answers[name]) for name in NAMES}
    lead = difference_score(
        labelled.labels(), labelled.guesses(), labelled.guesses(best), len(records.intents), labelled.visitors()
    )
    return EvaluationReport(
        records=records,
        labelled=labelled,
        scores=scores,
        best_baseline=best,
        lead=lead,
        metrics=metrics,
        per_intent=_per_intent(records.intents, metrics),
        calibration=calibration_curve(labelled),
        seen=by_events_seen(records),
        shares=by_share_seen(records),
        flips=flip_summary(records),
        flip_counts=flip_counts(records),
    )


def _per_intent(intents: tuple[str, ...], metrics: dict[str, dict[str, Any]]) -> pd.DataFrame:
    trees = metrics["trees"]["per_intent"]
    rows = [
        {"intent": intent, "trees_f1": beside["f1"]} | figures
        for intent, figures, beside in zip(intents, metrics[MODEL]["per_intent"], trees, strict=True)
    ]
    return pd.DataFrame(rows, columns=list(PER_INTENT_COLUMNS))
