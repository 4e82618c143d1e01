"""Measured on held-out labels: the model beside base rate, k-grams and trees that learned from the same rows."""

from typing import Any

import numpy as np

from core.training.baselines import Baseline, BaseRateBaseline, KGramBaseline, TreesBaseline
from core.training.labels import Labels
from core.training.metrics import bootstrap_interval, evaluate_probabilities, macro_f1
from core.training.snapshot import TrainingSnapshot

BASELINES: dict[str, type[Baseline]] = {
    "base_rate": BaseRateBaseline,
    "kgram": KGramBaseline,
    "trees": TreesBaseline,
}


def evaluate_with_baselines(
    snapshot: TrainingSnapshot, training: Labels, held_out: Labels, probabilities: np.ndarray
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Metrics of the model's probabilities [R, K] at the held-out rows, and of each baseline at the same rows.

    The baselines learn from the same rows with the same weights as the model. `macro_f1_interval` is the 95 % interval
    over visitors.
    """
    visitors = snapshot.events["visitor_id"].to_numpy(dtype=object)[held_out.rows].astype(str)

    def measure(answered: np.ndarray) -> dict[str, Any]:
        answers = held_out.answers()
        interval = bootstrap_interval(macro_f1, answers, answered, visitors)
        return evaluate_probabilities(answers, answered) | {"macro_f1_interval": list(interval)}

    baselines: dict[str, Any] = {}
    for name, kind in BASELINES.items():
        baseline = kind(len(training.intents))
        baseline.fit(snapshot.events, snapshot.items, training.rows, training.answers(), training.weights)
        baselines[name] = measure(baseline.predict_proba(snapshot.events, snapshot.items, held_out.rows))
    return measure(probabilities) | {"labels": len(held_out)}, baselines
