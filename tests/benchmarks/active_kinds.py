"""Kinds of behaviour before the first label: the teacher's hidden Markov model, fitted to the pool without any."""

import numpy as np
import torch
from sklearn.cluster import KMeans

from core.training.semisupervised.emissions import emissions
from core.training.semisupervised.hidden_markov import HiddenMarkov, plan_chains
from core.training.semisupervised.observations import observe, session_starts
from core.training.semisupervised.text_emission import TextEmission
from tests.benchmarks.active_shop import ActiveShop

DIRECTIONS = 8
SAMPLE = 8000
GUIDED_ROUNDS, FREE_ROUNDS = 2, 10
_LONGEST_CHAIN, _PENALTY, _WORDS_AS_OF_LABELS = 64, 3.0, 40
_LEAST_SPREAD, _DOUBT = 0.02, 0.1


def believed_kinds(shop: ActiveShop, kinds: int, seed: int) -> np.ndarray:
    """[P, kinds] float32: what each session of the pool is at its end, by the session so far.

    Expectation maximisation begins at clusters of the pretrained model's forecasts and goes on without them: a kind
    is what lasts for some events and then behaves alike, as an intent does, but nothing says which intent.
    """
    table, kept = shop.table, ~shop.bench.held_out
    chains = plan_chains(session_starts(table), _LONGEST_CHAIN)
    chains = chains.take(kept[chains.rows[:, 0]])
    parts = [*emissions(observe(table), kept, kinds, _PENALTY), TextEmission(table, kept, kinds, _WORDS_AS_OF_LABELS)]
    markov = HiddenMarkov(parts, len(table), kinds)
    guide = _clusters(shop.forecasts, np.flatnonzero(kept), kinds, seed)
    silence = torch.zeros_like(guide)
    for evidence in [guide] * GUIDED_ROUNDS + [silence] * FREE_ROUNDS:
        markov.learn(markov.believe(chains, evidence))
    beliefs: np.ndarray = markov.believe(chains, silence).filtered[shop.ends].numpy()
    return beliefs


def _clusters(forecasts: torch.Tensor, rows: np.ndarray, kinds: int, seed: int) -> torch.Tensor:
    """[N, kinds] log weights of k-means clusters of the forecasts' main directions; rows [M] are clustered."""
    scaled = (forecasts - forecasts[rows].mean(dim=0)) / forecasts[rows].std(dim=0).clamp_min(_LEAST_SPREAD)
    _, vectors = torch.linalg.eigh(scaled[rows].T @ scaled[rows])
    points = (scaled @ vectors[:, -DIRECTIONS:]).numpy()
    sample = np.random.default_rng(seed).choice(rows, min(SAMPLE, len(rows)), replace=False)
    distance = KMeans(kinds, n_init=2, random_state=seed).fit(points[sample]).transform(points) ** 2
    nearest = distance.min(axis=1, keepdims=True)
    weights = torch.softmax(torch.from_numpy(-(distance - nearest) / np.median(nearest)), dim=-1)
    return torch.log((1 - _DOUBT) * weights + _DOUBT / kinds).float()
