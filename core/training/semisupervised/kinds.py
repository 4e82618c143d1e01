"""Kinds of behaviour before the first label: a hidden Markov model of the log, fitted without one.

Expectation maximisation (Baum et al. 1970) begins at clusters of the pretrained model's forecasts and goes on without
them: a kind is what lasts for some events and then behaves alike, as an intent does, but nothing says which intent.
It ends in one of many optima, so that it begins several times and the likeliest fit counts (McLachlan and Peel 2000).
Sessions whose kind is plain teach a model more than any others while labels are few (Hacohen et al. 2022), which is
what the label queue `plain` goes by.
"""

from collections.abc import Callable

import numpy as np
import torch
from sklearn.cluster import KMeans

from core.model.featurizer import EventTable
from core.training.semisupervised.emissions import emissions
from core.training.semisupervised.hidden_markov import Emission, HiddenMarkov, plan_chains
from core.training.semisupervised.observations import Observation, observe, session_starts
from core.training.semisupervised.text_emission import TextEmission

DIRECTIONS = 8
SAMPLE = 8000
"""Events that are clustered, by their forecasts' main directions."""
GUIDED_ROUNDS, FREE_ROUNDS = 2, 10
BEGINNINGS = 5
_LONGEST_CHAIN, _PENALTY, _WORDS_AS_OF_LABELS = 64, 3.0, 40
_LEAST_SPREAD, _DOUBT, _TINY = 0.02, 0.1, 1e-6

Tick = Callable[[int, int], None]
"""Told after each round how many of how many are done; may raise to stop."""


def believed_kinds(
    table: EventTable,
    forecasts: torch.Tensor,
    fitted: np.ndarray,
    kinds: int,
    seed: int,
    *,
    kept: np.ndarray | None = None,
    tick: Tick = lambda done, total: None,
) -> torch.Tensor:
    """[N, kinds] float32: of which kind each event is by the session so far; 0 at events that are not kept.

    Args:
        forecasts: [F, d] float32 at the fitted events, in order.
        fitted: [N] bool, the events of whole visitors that are learned from.
        kept: [N] bool, those whose kind is asked for, fitted ones among them; the fitted ones by default.
    """
    kept = fitted if kept is None else kept
    chains = plan_chains(session_starts(table), _LONGEST_CHAIN)
    taught, asked = (chains.take(chosen[chains.rows[:, 0]]) for chosen in (fitted, kept))
    observations = observe(table)
    silence = torch.zeros(len(table), kinds)
    total = BEGINNINGS * (GUIDED_ROUNDS + FREE_ROUNDS)
    fits = []
    for beginning in range(BEGINNINGS):
        chance = int(np.random.default_rng([seed, beginning]).integers(2**31))
        guide = silence.clone()
        guide[torch.from_numpy(fitted)] = _clusters(forecasts, kinds, chance)
        markov = HiddenMarkov(_emissions(table, observations, kept, kinds), len(table), kinds)
        rounds = [guide] * GUIDED_ROUNDS + [silence] * FREE_ROUNDS
        for number, evidence in enumerate(rounds, start=1 + beginning * len(rounds)):
            markov.learn(markov.believe(taught, evidence))
            tick(number, total)
        fits.append((markov.believe(taught, silence).log_likelihood, markov))
    _, likeliest = max(fits, key=lambda fit: fit[0])
    return likeliest.believe(asked, silence).filtered


def _emissions(table: EventTable, observations: list[Observation], kept: np.ndarray, kinds: int) -> list[Emission]:
    parts: list[Emission] = [*emissions(observations, kept, kinds, _PENALTY)]
    if TextEmission.observed(table, kept):
        parts.append(TextEmission(table, kept, kinds, _WORDS_AS_OF_LABELS))
    return parts


def _clusters(forecasts: torch.Tensor, kinds: int, seed: int) -> torch.Tensor:
    """[F, kinds] log weights of k-means clusters of the forecasts' [F, d] main directions."""
    scaled = (forecasts - forecasts.mean(dim=0)) / forecasts.std(dim=0).clamp_min(_LEAST_SPREAD)
    _, vectors = torch.linalg.eigh(scaled.T @ scaled)
    points = (scaled @ vectors[:, -DIRECTIONS:]).numpy()
    sample = np.random.default_rng(seed).choice(len(points), min(SAMPLE, len(points)), replace=False)
    distance = KMeans(kinds, n_init=2, random_state=seed).fit(points[sample]).transform(points) ** 2
    nearest = distance.min(axis=1, keepdims=True)
    weights = torch.softmax(torch.from_numpy(-(distance - nearest) / max(np.median(nearest), _TINY)), dim=-1)
    return torch.log((1 - _DOUBT) * weights + _DOUBT / kinds).float()
