"""Guesses that become labels: balanced, aligned, and by words that stand alone."""

import numpy as np
import pytest
import torch

from core.training.texts.contrastive import contrast
from core.training.texts.self_training import aligned, surest, votes_of_words


def test_the_surest_are_taken_intent_by_intent() -> None:
    logits = np.log(np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.6, 0.4], [0.4, 0.6], [0.45, 0.55]]))
    rows, guesses = surest(logits, np.array([0.5, 0.5]), share=2 / 3)
    assert rows.tolist() == [0, 1, 4, 5]
    assert guesses.tolist() == [0, 0, 1, 1]


def test_alignment_makes_the_guesses_as_frequent_as_the_labels() -> None:
    logits = np.random.default_rng(0).normal(size=(500, 3)) + np.array([3.0, 0.0, -2.0])
    rates = np.array([0.2, 0.3, 0.5])
    moved = np.exp(aligned(logits, rates))
    np.testing.assert_allclose(moved.sum(axis=1), 1.0)
    np.testing.assert_allclose(moved.mean(axis=0), rates, atol=1e-3)


def test_a_word_inside_a_longer_word_of_another_intent_does_not_count() -> None:
    texts = ["很满意"] * 12 + ["很不满意"] * 15 + ["不满意，别的满意"] * 3 + ["没话说"]
    votes = votes_of_words(texts, {"good": ["满意"], "bad": ["不满意"]}, ("bad", "good"), seed=0)
    assert (votes[:12] == 1).all()
    assert (votes[12:27] == 0).sum() == 12  # as many as of the scarcer
    assert (votes[27:] == -1).all()


def test_contrast_is_least_where_texts_of_an_intent_are_one() -> None:
    labels = torch.tensor([0, 0, 1, 1])
    apart = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    mixed = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    assert float(contrast(apart, labels)) == pytest.approx(0.0, abs=1e-3)
    assert float(contrast(mixed, labels)) > 5.0
