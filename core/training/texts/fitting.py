"""Penalised logistic regression of both views, on labelled rows and, if wanted, on pseudo-labelled ones."""

from typing import Any

import numpy as np
from scipy.sparse import vstack
from sklearn.linear_model import LogisticRegression

from core.model.text_classifier import LinearView, TextFeatures, TextViews

_NGRAM_STRENGTH = 10.0
_VECTOR_STRENGTH = 30.0
"""Inverse penalties for rows of length 1."""

_STEPS = 200
_TOLERANCE = 1e-3


def fit_views(features: TextFeatures, labels: np.ndarray, intents: int, weights: np.ndarray | None = None) -> TextViews:
    """Both read-outs from features of N texts, labels [N] int64 and weights [N]."""
    ngrams = fit_linear(features.ngrams, labels, intents, _NGRAM_STRENGTH, weights)
    if features.vectors is None:
        return TextViews(ngrams, None)
    return TextViews(ngrams, fit_linear(features.vectors, labels, intents, _VECTOR_STRENGTH, weights))


def fit_linear(
    features: Any, labels: np.ndarray, intents: int, strength: float, weights: np.ndarray | None = None
) -> LinearView:
    """Multinomial logistic regression; an intent without any row is never answered."""
    regression = LogisticRegression(C=strength, max_iter=_STEPS, tol=_TOLERANCE)
    regression.fit(features, labels, sample_weight=weights)
    weight = np.zeros((intents, features.shape[1]), np.float32)
    bias = np.full(intents, -1e4, np.float32)
    if len(regression.classes_) == 2:
        weight[regression.classes_[1]], bias[regression.classes_] = regression.coef_[0], (0, regression.intercept_[0])
    else:
        weight[regression.classes_], bias[regression.classes_] = regression.coef_, regression.intercept_
    return LinearView(weight, bias)


def stacked(first: TextFeatures, second: TextFeatures) -> TextFeatures:
    """The rows of both, the first's first."""
    vectors = None if first.vectors is None or second.vectors is None else np.vstack([first.vectors, second.vectors])
    return TextFeatures(vstack([first.ngrams, second.ngrams]).tocsr(), vectors)
