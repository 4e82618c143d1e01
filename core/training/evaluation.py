"""Measured on held-out labels: the model beside base rate, k-grams and trees that learned from the same rows."""

from typing import Any

import numpy as np

from core.training.baselines import BaseRateBaseline, KGramBaseline, TreesBaseline
from core.training.labels import Labels
from core.training.metrics import evaluate_probabilities
from core.training.snapshot import TrainingSnapshot

BASELINES = {"base_rate": BaseRateBaseline, "kgram": KGramBaseline, "trees": TreesBaseline}


def evaluate_with_baselines(
    snapshot: TrainingSnapshot, training: Labels, held_out: Labels, probabilities: np.ndarray
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Metrics of the model's probabilities [R, K] at the held-out rows, and of each baseline at the same rows."""
    answers = held_out.answers()
    metrics = evaluate_probabilities(answers, probabilities)
    baselines: dict[str, Any] = {}
    for name, kind in BASELINES.items():
        baseline = kind().fit(snapshot.events, snapshot.items, training.rows, training.answers())
        guessed = baseline.predict_proba(snapshot.events, snapshot.items, held_out.rows)
        baselines[name] = evaluate_probabilities(answers, guessed)
    return metrics | {"labels": len(held_out)}, baselines
