"""Measured by cross-validation: every figure is on texts that neither the model nor its rivals had learned from."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import softmax
from sklearn.model_selection import StratifiedKFold

from core.model.text_classifier import make_vectorizer
from core.training.abstaining import abstaining_measured, coverage_curve
from core.training.calibration import fit_temperature
from core.training.metrics import bootstrap_interval, evaluate_probabilities, macro_f1
from core.training.texts.fitting import fit_linear
from core.training.texts.learner import TextLearner

_FOLDS = 5
_LEAST_CALIBRATION_ROWS = 20
_TEMPERATURE_RANGE = (0.2, 5.0)
_BASELINE_STRENGTH = 10.0
_MANY_LABELS = 5000
"""From here on one fifth of the labels measures well enough, and five fits would take minutes."""


@dataclass(frozen=True)
class HeldOut:
    """rows [n] of the labelled texts, each answered by a model that had not seen it: logits [n, K]."""

    rows: np.ndarray
    logits: np.ndarray
    labels: np.ndarray

    def temperature(self) -> float:
        """Fitted on these answers, kept in a sane range; 1 when they are too few to say."""
        if len(self.rows) < _LEAST_CALIBRATION_ROWS:
            return 1.0
        low, high = _TEMPERATURE_RANGE
        return min(max(fit_temperature(self.logits, self.labels), low), high)

    def probabilities(self) -> np.ndarray:
        """[n, K] calibrated."""
        calibrated: np.ndarray = softmax(self.logits / self.temperature(), axis=1)
        return calibrated

    def score(self) -> float:
        """Macro-F1."""
        return macro_f1(self.labels, self.logits)


def held_out_answers(learner: TextLearner, seed: int, *, self_training: bool) -> HeldOut:
    """Answers at every labelled text by cross-validation; at a fifth of them where a fit takes long."""
    rows, logits = [], []
    name = "with unlabelled" if self_training else "labels only"
    for number, (training, held) in enumerate(_folds(learner, seed)):
        reader, views = learner.fit(training, f"measure {number + 1} ({name})", self_training=self_training)
        rows.append(held)
        logits.append(views.logits(learner.read(reader, held)))
    order = np.concatenate(rows)
    return HeldOut(order, np.concatenate(logits), learner.examples.labels[order])


def metrics_of(held: HeldOut, wanted_accuracy: float, seed: int) -> dict[str, Any]:
    """Figures of the model's held-out answers, ready for JSON."""
    probabilities = held.probabilities()
    return _figures(held.labels, probabilities) | {
        "labels": len(held.rows),
        "curve": coverage_curve(held.labels, probabilities),
        "abstaining": abstaining_measured(held.labels, probabilities, wanted_accuracy, seed),
    }


def baselines_of(learner: TextLearner, seed: int) -> dict[str, Any]:
    """The base rate, and TF-IDF with logistic regression, on the same rows from the same labels."""
    intents, labels = len(learner.examples.intents), learner.examples.labels
    answers: dict[str, list[np.ndarray]] = {"base_rate": [], "tfidf": []}
    order = []
    for training, held in _folds(learner, seed):
        rates = np.bincount(labels[training], minlength=intents) / len(training)
        answers["base_rate"].append(np.tile(rates, (len(held), 1)))
        texts = [learner.examples.texts[row] for row in training]
        vectorizer = make_vectorizer()
        linear = fit_linear(vectorizer.fit_transform(texts), labels[training], intents, _BASELINE_STRENGTH)
        asked = vectorizer.transform([learner.examples.texts[row] for row in held])
        answers["tfidf"].append(np.exp(linear.log_probabilities(asked)))
        order.append(held)
    asked_labels = labels[np.concatenate(order)]
    return {name: _figures(asked_labels, np.concatenate(given)) for name, given in answers.items()}


def _figures(labels: np.ndarray, probabilities: np.ndarray) -> dict[str, Any]:
    interval = bootstrap_interval(macro_f1, labels, probabilities, np.arange(len(labels)))
    return evaluate_probabilities(labels, probabilities) | {
        "accuracy": float((probabilities.argmax(axis=1) == labels).mean()),
        "macro_f1_interval": list(interval),
    }


def _folds(learner: TextLearner, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    labels = learner.examples.labels
    folds = min(_FOLDS, int(np.bincount(labels).min()))
    splits = list(StratifiedKFold(folds, shuffle=True, random_state=seed).split(np.zeros(len(labels)), labels))
    return splits[:1] if learner.tunes or len(labels) > _MANY_LABELS else splits
