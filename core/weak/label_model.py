"""The label model: what rules' votes say together, without asking anybody (Dawid & Skene 1979; Ratner et al. 2016).

Given the true intent, rules fire independently: a rule that votes for v fires with one chance where v is true and
with another where it is not. The chances are fitted by expectation maximisation over patterns of votes; sessions that
people labeled are held to their labels (Nigam et al. 2000), weighed so that fifty of them count as much as all others.

Two things keep it from explaining how long sessions are instead of what they are about, which on the sample shop puts
it below majority vote: a rule's silence counts half as evidence (Dawid and Skene leave it out, which teaches nothing
where every rule votes for one intent only), and the shares of the intents are not fitted but those of the labels, or
equal. The chances are drawn a little towards rules that are right in seven cases of ten.

The libraries at hand do not fit: crowd-kit's Dawid-Skene leaves silence out, and snorkel brings a training stack of
its own.
"""

import json
from dataclasses import dataclass
from typing import Self

import numpy as np

ROUNDS = 100
_TOLERANCE = 1e-6
_FIRST_ACCURACY = 0.7
_PRIOR = 0.1
"""How much the first guess of a rule's chances counts beside all sessions."""
_SILENCE = 0.5
"""What a rule's silence counts as evidence, beside 1 for its vote."""
_PRIOR_SHARES = 2.0
"""Labels that every intent is thought to have beside those it has."""
_HALF_WEIGHT_LABELS = 50.0
"""So many labeled sessions weigh as much as all others together."""
_LEAST = 1e-4


@dataclass(frozen=True)
class LabelModel:
    """Fitted to the votes of R rules for K intents.

    votes_for: [R] int64, the intent each rule votes for; shares: [K], of all sessions;
    hits, false_alarms: [R], the chance that a rule fires where its intent is true, and where it is not.
    """

    intents: tuple[str, ...]
    votes_for: np.ndarray
    shares: np.ndarray
    hits: np.ndarray
    false_alarms: np.ndarray

    @classmethod
    def fit(
        cls,
        fires: np.ndarray,
        sessions: np.ndarray,
        votes_for: np.ndarray,
        intents: tuple[str, ...],
        answers: np.ndarray | None = None,
    ) -> Self:
        """Expectation maximisation from rules of accuracy 0.7.

        Args:
            fires: [P, R] bool, patterns of votes; sessions: [P], how many got each, the labeled ones among them;
                without any session the rules are believed at the first guess.
            votes_for: [R] int64, each rule's intent.
            answers: [P, K], how many of a pattern's sessions people labeled as each intent; None for nobody.
        """
        answers = np.zeros((len(fires), len(intents))) if answers is None else answers
        unlabeled = np.maximum(sessions - answers.sum(axis=1), 0.0)
        anchors = answers * _anchor_weight(float(unlabeled.sum()), float(answers.sum()))
        first = model = cls._first_guess(fires, sessions, votes_for, intents, answers.sum(axis=0))
        for _ in range(ROUNDS if sessions.sum() else 0):
            expected = model.probabilities(fires) * unlabeled[:, None] + anchors  # [P, K]
            before, model = model, first._maximised(fires, expected)
            moved = np.abs(np.stack([model.hits - before.hits, model.false_alarms - before.false_alarms]))
            if moved.max(initial=0.0) < _TOLERANCE:
                break
        return model

    def probabilities(self, fires: np.ndarray) -> np.ndarray:
        """[P, K] float64: each intent's probability given which rules fired [P, R] bool."""
        chances, votes = self._chances(), fires.astype(np.float64)
        logs = np.log(self.shares) + votes @ np.log(chances) + _SILENCE * (1 - votes) @ np.log1p(-chances)
        logs -= logs.max(axis=1, keepdims=True)
        weights = np.exp(logs)
        probabilities: np.ndarray = weights / weights.sum(axis=1, keepdims=True)
        return probabilities

    def accuracies(self) -> np.ndarray:
        """[R] float64: how often each rule is right where it fires."""
        right = self.shares[self.votes_for] * self.hits
        wrong = (1 - self.shares[self.votes_for]) * self.false_alarms
        accuracies: np.ndarray = right / (right + wrong)
        return accuracies

    def to_json(self) -> str:
        """The parameters as JSON."""
        parts = {name: getattr(self, name).tolist() for name in ("votes_for", "shares", "hits", "false_alarms")}
        return json.dumps({"intents": list(self.intents)} | parts)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What to_json wrote."""
        values = json.loads(text)
        arrays = (np.array(values[name], dtype=float) for name in ("shares", "hits", "false_alarms"))
        return cls(tuple(values["intents"]), np.array(values["votes_for"], dtype=np.int64), *arrays)

    @classmethod
    def _first_guess(
        cls,
        fires: np.ndarray,
        sessions: np.ndarray,
        votes_for: np.ndarray,
        intents: tuple[str, ...],
        labeled: np.ndarray,
    ) -> Self:
        """The labels' shares, and every rule right at _FIRST_ACCURACY of the sessions where it fires."""
        shares = (labeled + _PRIOR_SHARES) / (labeled.sum() + _PRIOR_SHARES * len(intents))
        coverage = (fires * sessions[:, None]).sum(axis=0) / max(1.0, float(sessions.sum()))
        hits = _kept_inside(np.minimum(coverage * _FIRST_ACCURACY / shares[votes_for], 0.9))
        false_alarms = np.minimum(coverage * (1 - _FIRST_ACCURACY) / (1 - shares[votes_for]), hits / 2)
        return cls(intents, votes_for, shares, hits, _kept_inside(false_alarms))

    def _maximised(self, fires: np.ndarray, expected: np.ndarray) -> Self:
        """The chances that suit expected counts [P, K], drawn towards these ones."""
        total = expected.sum()
        own_share = self.shares[self.votes_for]
        fired = fires.T.astype(np.float64) @ expected  # [R, K]
        own = fired[np.arange(len(self.votes_for)), self.votes_for]
        others = fired.sum(axis=1) - own
        own_sessions = expected.sum(axis=0)[self.votes_for]
        own_prior, other_prior = _PRIOR * total * own_share, _PRIOR * total * (1 - own_share)
        hits = (own + own_prior * self.hits) / (own_sessions + own_prior)
        false_alarms = (others + other_prior * self.false_alarms) / (total - own_sessions + other_prior)
        return type(self)(self.intents, self.votes_for, self.shares, _kept_inside(hits), _kept_inside(false_alarms))

    def _chances(self) -> np.ndarray:
        """[R, K]: the chance that a rule fires given each intent."""
        chance = np.repeat(self.false_alarms[:, None], len(self.intents), axis=1)
        chance[np.arange(len(self.votes_for)), self.votes_for] = self.hits
        return chance


def majority_vote(fires: np.ndarray, votes_for: np.ndarray, intents: int) -> np.ndarray:
    """[P, K] float64: the share of the votes each intent got; zeros where no rule fired."""
    votes = np.zeros((len(fires), intents))
    np.add.at(votes.T, votes_for, fires.T.astype(np.float64))
    shares: np.ndarray = votes / np.maximum(votes.sum(axis=1, keepdims=True), 1.0)
    return shares


def _anchor_weight(unlabeled: float, labeled: float) -> float:
    """What one labeled session counts: enough that the labels are heard among many unlabeled sessions."""
    return max(1.0, unlabeled / _HALF_WEIGHT_LABELS / (1 + labeled / _HALF_WEIGHT_LABELS)) if labeled else 0.0


def _kept_inside(chances: np.ndarray) -> np.ndarray:
    inside: np.ndarray = np.clip(chances, _LEAST, 1 - _LEAST)
    return inside
