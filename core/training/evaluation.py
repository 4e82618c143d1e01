"""Measured on held-out labels: the model beside base rate, k-grams and trees that learned from the same rows."""

from collections.abc import Mapping
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


def baseline_probabilities(snapshot: TrainingSnapshot, training: Labels, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Each baseline's probabilities [N, K] at rows [N]; they learn from the same rows and weights as the model."""
    answered = {}
    for name, kind in BASELINES.items():
        baseline = kind(len(training.intents))
        baseline.fit(snapshot.events, snapshot.items, training.rows, training.answers(), training.weights)
        answered[name] = baseline.predict_proba(snapshot.events, snapshot.items, rows)
    return answered


def evaluate_beside(
    answers: np.ndarray, answered: Mapping[str, np.ndarray], visitors: np.ndarray
) -> dict[str, dict[str, Any]]:
    """Metrics of each name's probabilities [R, K] at the same labels [R] int64, of visitors [R].

    `macro_f1_interval` is the 95 % interval over visitors.
    """

    def measure(probabilities: np.ndarray) -> dict[str, Any]:
        interval = bootstrap_interval(macro_f1, answers, probabilities, visitors)
        return evaluate_probabilities(answers, probabilities) | {"macro_f1_interval": list(interval)}

    return {name: measure(probabilities) for name, probabilities in answered.items()}
