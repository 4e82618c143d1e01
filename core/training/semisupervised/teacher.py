"""A teacher for all events: a hidden Markov model fitted to the labels and to every unlabeled session.

When to use it: by default; it needs sessions whose intents last for several events, and unlabeled sessions that
are like the labeled ones. When not: fewer than a dozen labeled sessions, or event streams without sessions.
The session model learns what the teacher believes in hindsight, which no label says (learning with privileged
information: Lopez-Paz et al. 2016).
"""

import numpy as np
import torch

from core.training.labels import Labels
from core.training.prepared import PreparedEvents
from core.training.semisupervised.emissions import emissions
from core.training.semisupervised.hidden_markov import Chains, HiddenMarkov, plan_chains
from core.training.semisupervised.observations import observe, session_starts

MOST_EVENTS = 40_000
"""Unlabeled events used at most; more only cost time."""

_LONGEST_CHAIN = 64
_PENALTY = 3.0
_LABELED_ROUNDS = 3
_ALL_ROUNDS = 6
_DOUBT = 0.02


class Teacher:
    """Knows the shop's events; `teach` turns labels into targets at all of them."""

    def __init__(self, prepared: PreparedEvents, seed: int) -> None:
        table = prepared.table
        self._events = len(table)
        self._observations = observe(table, prepared.vectors.text, seed)
        self._chains = plan_chains(session_starts(table), _LONGEST_CHAIN)
        self._visitor = np.searchsorted(table.visitor_starts, np.arange(len(table)), side="right") - 1
        self._seed = seed

    def teach(self, labels: Labels) -> Labels:
        """The labels as they are, and what the teacher believes at the other events, with weight 1 each."""
        chains, kept = self._choose(labels)
        intents = len(labels.intents)
        parts = emissions(self._observations, kept, intents, _PENALTY)
        markov = HiddenMarkov(parts, self._events, intents)
        evidence = _evidence(labels, self._events)
        for used in [chains.take(_labeled(chains, labels))] * _LABELED_ROUNDS + [chains] * _ALL_ROUNDS:
            markov.learn(markov.believe(used, evidence))
        return _targets(markov.believe(chains, evidence).smoothed, np.flatnonzero(kept), labels, chains)

    def _choose(self, labels: Labels) -> tuple[Chains, np.ndarray]:
        """All chains, or those of the labels' visitors and of as many others as fit; [N] bool their events."""
        random = np.random.default_rng(self._seed)
        visitors = int(self._visitor[-1]) + 1
        order = random.permutation(visitors)
        first = np.unique(self._visitor[labels.rows])
        order = np.concatenate([first, order[~np.isin(order, first)]])
        sizes = np.bincount(self._visitor, minlength=visitors)[order]
        fits: np.ndarray = np.asarray(np.cumsum(sizes) <= MOST_EVENTS)
        fits[: len(first)] = True
        kept = np.isin(self._visitor, order[fits])
        return self._chains.take(kept[self._chains.rows[:, 0]]), kept


def _labeled(chains: Chains, labels: Labels) -> np.ndarray:
    """[S] bool: the chain holds a label."""
    marked: np.ndarray = np.asarray(np.isin(chains.rows, labels.rows[labels.decisive]).any(axis=1))
    return marked


def _evidence(labels: Labels, events: int) -> torch.Tensor:
    """[N, K] log weights: what was labeled, with a little doubt."""
    evidence = torch.zeros(events, len(labels.intents))
    told = torch.from_numpy(labels.targets[labels.decisive])
    softened = told * (1 - _DOUBT) + _DOUBT / told.shape[1]
    evidence[torch.from_numpy(labels.rows[labels.decisive])] = torch.log(softened)
    return evidence


def _targets(smoothed: torch.Tensor, rows: np.ndarray, labels: Labels, chains: Chains) -> Labels:
    targets = smoothed.numpy()
    targets[labels.rows[labels.decisive]] = labels.targets[labels.decisive]
    decisive = np.zeros(len(targets), dtype=bool)
    decisive[labels.rows[labels.decisive]] = True
    session = np.zeros(len(targets), dtype=np.int64)
    real = chains.rows >= 0
    session[chains.rows[real]] = np.repeat(np.arange(len(chains.rows)), chains.lengths)
    return Labels(
        intents=labels.intents,
        rows=rows,
        targets=targets[rows],
        weights=np.ones(len(rows), dtype=np.float32),
        decisive=decisive[rows],
        sessions=session[rows],
    )
