"""A hidden Markov model of intents: sessions are chains of intents, each event is drawn by the present one.

Few labels and all unlabeled sessions fit it together: expectation maximisation with labels held fast (Baum et al.
1970; with unlabeled examples: Nigam et al. 2000).
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch

_STAYS = 0.95
_PRIOR_STAYS = 5.0
_PRIOR_MOVES = 0.5
_TINY = 1e-30


class Emission(Protocol):
    """What is observed at some of the events, and how likely by intent."""

    rows: torch.Tensor
    """[M] int64 of the table."""

    def log_likelihood(self) -> torch.Tensor:
        """[M, K], up to a constant a row."""
        ...

    def fit(self, responsibilities: torch.Tensor) -> None:
        """Learn from the weight of each intent at each of the rows, [M, K]."""
        ...


@dataclass(frozen=True)
class Chains:
    """Sessions of different lengths, the longest first.

    rows: [S, T] int64 of the table, -1 after the end; lengths: [S] int64
    """

    rows: np.ndarray
    lengths: np.ndarray

    def take(self, chosen: np.ndarray) -> "Chains":
        """The chosen sessions ([S] bool)."""
        lengths = self.lengths[chosen]
        return Chains(self.rows[chosen, : int(lengths.max(initial=1))], lengths)


def plan_chains(starts: np.ndarray, longest: int) -> Chains:
    """The sessions that begin where `starts` ([N] bool) says, cut into parts of at most `longest` events."""
    first = np.flatnonzero(starts)
    length = np.diff(np.append(first, len(starts)))
    parts = -(-length // longest)
    session = np.repeat(np.arange(len(first)), parts)
    number = np.arange(len(session)) - np.repeat(np.cumsum(parts) - parts, parts)
    begin = first[session] + number * longest
    lengths = np.minimum(length[session] - number * longest, longest)
    order = np.argsort(-lengths, kind="stable")
    begin, lengths = begin[order], lengths[order]
    place = np.arange(int(lengths.max(initial=1)))
    return Chains(np.where(place < lengths[:, None], begin[:, None] + place, -1), lengths)


@dataclass(frozen=True)
class Beliefs:
    """What is believed of each event's intent: [N, K] float32 each, 0 at events of no chain.

    filtered: from the session so far; smoothed: from the whole session
    starts: [K] expected first intents; moves: [K, K] expected moves from row to column
    """

    filtered: torch.Tensor
    smoothed: torch.Tensor
    starts: torch.Tensor
    moves: torch.Tensor
    log_likelihood: float
    """Of the chains' observations, up to a constant of the data: says which of several fits is the better one."""


class HiddenMarkov:
    """Start chances [K], transitions [K, K] and emissions, fitted by expectation maximisation."""

    def __init__(self, emissions: list[Emission], events: int, intents: int) -> None:
        self._emissions = emissions
        self._events = events
        self._start = torch.full((intents,), 1 / intents)
        self._moves = torch.full((intents, intents), (1 - _STAYS) / max(1, intents - 1)).fill_diagonal_(_STAYS)

    def believe(self, chains: Chains, evidence: torch.Tensor) -> Beliefs:
        """Forward and backward over all chains at once (Rabiner 1989).

        Args:
            evidence: [N, K] log weights beside the observations: 0, or what a label says.
        """
        rows = torch.from_numpy(np.maximum(chains.rows, 0))
        logs = self._log_likelihood(evidence)
        highest = logs.max(dim=-1, keepdim=True).values
        likelihood = (logs - highest).exp()[rows]  # [S, T, K]
        alive = (chains.rows >= 0).sum(axis=0).tolist()
        forward, scales = self._forward(likelihood, alive)
        together, moves = self._backward(likelihood, forward, alive)
        filtered, smoothed = (torch.zeros(self._events, len(self._start)) for _ in range(2))
        real = torch.from_numpy(chains.rows >= 0)
        filtered[rows[real]], smoothed[rows[real]] = forward[real], together[real]
        told = float(highest[rows[real]].double().sum()) + scales
        return Beliefs(filtered, smoothed, together[:, 0].sum(dim=0), moves, told)

    def learn(self, beliefs: Beliefs) -> None:
        """One maximisation step, from the chains that the beliefs are about."""
        start = beliefs.starts + 1.0
        moves = beliefs.moves + _PRIOR_MOVES + _PRIOR_STAYS * torch.eye(len(start))
        self._start, self._moves = start / start.sum(), moves / moves.sum(dim=1, keepdim=True)
        for emission in self._emissions:
            emission.fit(beliefs.smoothed[emission.rows])

    def _log_likelihood(self, evidence: torch.Tensor) -> torch.Tensor:
        logs = evidence.clone()
        for emission in self._emissions:
            logs.index_add_(0, emission.rows, emission.log_likelihood())
        return logs

    def _forward(self, likelihood: torch.Tensor, alive: list[int]) -> tuple[torch.Tensor, float]:
        """Filtered beliefs [S, T, K] and the sum of the logarithms of what they were divided by."""
        forward, scales = torch.zeros_like(likelihood), 0.0
        for step, count in enumerate(alive):
            before = forward[:count, step - 1] @ self._moves if step else self._start
            weights = before * likelihood[:count, step]
            forward[:count, step] = _normal(weights)
            scales += float(_scale(weights).log().double().sum())
        return forward, scales

    def _backward(
        self, likelihood: torch.Tensor, forward: torch.Tensor, alive: list[int]
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Smoothed beliefs [S, T, K] and expected moves [K, K]."""
        backward = torch.ones_like(likelihood)
        moves = torch.zeros_like(self._moves)
        for step in range(len(alive) - 2, -1, -1):
            count = alive[step + 1]
            ahead = likelihood[:count, step + 1] * backward[:count, step + 1]
            here = ahead @ self._moves.T
            now = forward[:count, step]
            moves += now.T @ (ahead / (now * here).sum(dim=-1, keepdim=True).clamp_min(_TINY))
            backward[:count, step] = _normal(here)
        return _normal(forward * backward), moves * self._moves


def _normal(weights: torch.Tensor) -> torch.Tensor:
    return weights / _scale(weights)


def _scale(weights: torch.Tensor) -> torch.Tensor:
    return weights.sum(dim=-1, keepdim=True).clamp_min(_TINY)
