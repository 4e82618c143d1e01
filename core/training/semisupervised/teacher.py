"""A teacher for all events: a hidden Markov model fitted to the labels and to every unlabeled session.

When to use it: by default; it needs sessions whose intents last for several events, and unlabeled sessions that
are like the labeled ones. When not: fewer than a dozen labeled sessions, or event streams without sessions.
Fitted in hindsight, the teacher then judges each event by the session so far, as the session model must: those
beliefs are learned (distillation: Hinton et al. 2015). Beliefs in hindsight, taught instead, are learned by rote and
fail on visitors never seen.

Given kinds of behaviour, it begins where they, named by the labels, leave it (named_kinds.py): fitted to a dozen
labeled sessions alone, it begins anywhere and ends there.
"""

import numpy as np
import torch

from core.training.labels import Labels
from core.training.prepared import PreparedEvents
from core.training.semisupervised.emissions import emissions
from core.training.semisupervised.hidden_markov import Chains, Emission, HiddenMarkov, plan_chains
from core.training.semisupervised.named_kinds import SessionKinds
from core.training.semisupervised.observations import observe, session_starts
from core.training.semisupervised.text_emission import TextEmission

MOST_EVENTS = 70_000
"""Unlabeled events used at most; more only cost time."""

_LONGEST_CHAIN = 64
_PENALTY = 3.0
_FIRST_ROUNDS = 3
_ALL_ROUNDS = 6
_DOUBT = 0.02
_BELIEF_AT_LABELS = 0.8
"""A label says what was true, a belief how likely it looked at the time, which is what a model can learn to say."""


class Teacher:
    """Knows the shop's events; `teach` turns labels into targets at all of them.

    Args:
        kinds: of sessions, as pretraining found them; None: begin at the labeled sessions.
    """

    def __init__(self, prepared: PreparedEvents, seed: int, kinds: SessionKinds | None = None) -> None:
        table = prepared.table
        self._events = len(table)
        self._table = table
        self._observations = observe(table)
        starts = session_starts(table)
        self._chains = plan_chains(starts, _LONGEST_CHAIN)
        self._session = np.cumsum(starts) - 1
        self._kinds = kinds
        self._visitor = np.searchsorted(table.visitor_starts, np.arange(len(table)), side="right") - 1
        self._seed = seed

    def teach(self, labels: Labels, held_out: Labels | None = None) -> Labels:
        """What the teacher believes at each event, drawn towards the label where there is one, with weight 1 each.

        Of the held-out labels' visitors nothing is told: to know them in hindsight would flatter the measure.
        """
        chains, kept = self._choose(labels, held_out)
        intents = len(labels.intents)
        markov = HiddenMarkov(self._emissions(kept, intents, int(labels.decisive.sum())), self._events, intents)
        evidence = _evidence(labels, self._events)
        guide = self._guide(labels)
        for _ in range(_FIRST_ROUNDS):
            if guide is None:
                markov.learn(markov.believe(chains.take(_labeled(chains, labels)), evidence))
            else:
                markov.learn(markov.believe(chains, evidence + guide))
        for _ in range(_ALL_ROUNDS):
            markov.learn(markov.believe(chains, evidence))
        beliefs = markov.believe(chains, torch.zeros_like(evidence)).filtered
        return _targets(beliefs, np.flatnonzero(kept), labels, chains)

    def _emissions(self, kept: np.ndarray, intents: int, labels: int) -> list[Emission]:
        parts: list[Emission] = [*emissions(self._observations, kept, intents, _PENALTY)]
        if TextEmission.observed(self._table, kept):
            parts.append(TextEmission(self._table, kept, intents, labels))
        return parts

    def _guide(self, labels: Labels) -> torch.Tensor | None:
        """[N, K] log weights of the named kinds at the ends of sessions; None without kinds."""
        if self._kinds is None:
            return None
        guide = torch.zeros(self._events, len(labels.intents))
        guide[torch.from_numpy(self._kinds.rows)] = self._kinds.named(labels, self._session)
        return guide

    def _choose(self, labels: Labels, held_out: Labels | None) -> tuple[Chains, np.ndarray]:
        """The chains of the labels' visitors and of as many others as fit, none held out; [N] bool their events."""
        random = np.random.default_rng(self._seed)
        visitors = int(self._visitor[-1]) + 1
        order = random.permutation(visitors)
        first = np.unique(self._visitor[labels.rows if labels.weak is None else labels.rows[~labels.weak]])
        elsewhere = first if held_out is None else np.concatenate([first, self._visitor[held_out.rows]])
        order = np.concatenate([first, order[~np.isin(order, elsewhere)]])
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
    """[N, K] log weights: what was labeled, with a little doubt; of what rules say as much as it weighs."""
    evidence = torch.zeros(events, len(labels.intents))
    for said in (labels.decisive,) if labels.weak is None else (labels.weak, labels.decisive):
        told = torch.from_numpy(labels.targets[said])
        softened = told * (1 - _DOUBT) + _DOUBT / told.shape[1]
        weight = 1.0 if said is labels.decisive else torch.from_numpy(labels.weights[said])[:, None]
        evidence[torch.from_numpy(labels.rows[said])] = torch.log(softened) * weight
    return evidence


def _targets(beliefs: torch.Tensor, rows: np.ndarray, labels: Labels, chains: Chains) -> Labels:
    targets = beliefs.numpy()
    told = labels.rows[labels.decisive]
    targets[told] = _BELIEF_AT_LABELS * targets[told] + (1 - _BELIEF_AT_LABELS) * labels.targets[labels.decisive]
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
