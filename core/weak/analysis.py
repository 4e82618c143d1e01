"""What rules are worth: how often they fire, agree, contradict each other, and are right where people labeled."""

import math
from dataclasses import dataclass

import numpy as np

from core.weak.label_model import LabelModel, majority_vote
from core.weak.labeling_function import LabelingFunction
from core.weak.voting import Patterns

_NORMAL_95 = 1.959963984540054


@dataclass(frozen=True)
class RuleFigures:
    """Of one rule; shares are of all sessions.

    coverage: where it fires; overlap: where another rule fires as well; conflict: where another votes for another
    intent; labeled: sessions with a human label where it fires, correct of them right; low, high: Wilson's 95 %
    interval of that accuracy, None without labels; chance: the share of its intent among all labels.
    """

    rule: LabelingFunction
    sessions: int
    coverage: float
    overlap: float
    conflict: float
    labeled: int
    correct: int
    low: float | None
    high: float | None
    chance: float | None

    @property
    def accuracy(self) -> float | None:
        return self.correct / self.labeled if self.labeled else None


@dataclass(frozen=True)
class Judgement:
    """How often the most probable intent is the labeled one, of the labeled sessions where a rule fires.

    label_model: fitted without those labels, so that the figure is honest; majority: the most votes, ties wrong by the
    share of those who tie.
    """

    labeled: int
    label_model: float
    majority: float


def rule_figures(patterns: Patterns) -> list[RuleFigures]:
    """Figures of every rule, in order."""
    total = max(1, int(patterns.sessions.sum()))
    votes_for = intents_of(patterns)
    by_intent = np.zeros((len(patterns.fires), len(patterns.intents)))
    np.add.at(by_intent.T, votes_for, patterns.fires.T.astype(np.float64))
    votes = by_intent.sum(axis=1)
    labels = patterns.answers.sum(axis=0)
    figures = []
    for place, rule in enumerate(patterns.rules):
        fires, own = patterns.fires[:, place], votes_for[place]
        labeled, correct = int(patterns.answers[fires].sum()), int(patterns.answers[fires, own].sum())
        interval = wilson_interval(correct, labeled) if labeled else (None, None)
        figures.append(
            RuleFigures(
                rule=rule,
                sessions=int(patterns.sessions[fires].sum()),
                coverage=float(patterns.sessions[fires].sum() / total),
                overlap=float(patterns.sessions[fires & (votes > 1)].sum() / total),
                conflict=float(patterns.sessions[fires & (votes > by_intent[:, own])].sum() / total),
                labeled=labeled,
                correct=correct,
                low=interval[0],
                high=interval[1],
                chance=float(labels[own] / labels.sum()) if labels.sum() else None,
            )
        )
    return figures


def coverage(patterns: Patterns) -> float:
    """The share of sessions where at least one rule fires."""
    covered = patterns.sessions[patterns.fires.any(axis=1)].sum()
    return float(covered / max(1, int(patterns.sessions.sum())))


def conflict(patterns: Patterns) -> float:
    """The share of sessions where rules vote for different intents."""
    shares = majority_vote(patterns.fires, intents_of(patterns), len(patterns.intents))
    contested = patterns.sessions[(shares > 0).sum(axis=1) > 1].sum()
    return float(contested / max(1, int(patterns.sessions.sum())))


def judge(patterns: Patterns) -> Judgement | None:
    """The label model beside majority vote on the labeled sessions; None where there are none."""
    covered = patterns.fires.any(axis=1)
    answers = patterns.answers[covered]
    if not answers.sum():
        return None
    votes_for = intents_of(patterns)
    model = LabelModel.fit(patterns.fires, patterns.sessions, votes_for, patterns.intents)
    said = model.probabilities(patterns.fires[covered])
    voted = majority_vote(patterns.fires[covered], votes_for, len(patterns.intents))
    return Judgement(int(answers.sum()), _agreement(said, answers), _agreement(voted, answers))


def intents_of(patterns: Patterns) -> np.ndarray:
    """[R] int64: the place of each rule's intent."""
    return np.array([patterns.intents.index(rule.intent) for rule in patterns.rules], dtype=np.int64)


def wilson_interval(correct: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927)."""
    share, z = correct / count, _NORMAL_95
    center = share + z * z / (2 * count)
    spread = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    scale = 1 + z * z / count
    return max(0.0, (center - spread) / scale), min(1.0, (center + spread) / scale)


def _agreement(shares: np.ndarray, answers: np.ndarray) -> float:
    """The share of answers [P, K] that are the top intent of [P, K]; of tied ones each counts its part."""
    top = shares >= shares.max(axis=1, keepdims=True) - 1e-12
    right = top / top.sum(axis=1, keepdims=True)
    return float((right * answers).sum() / answers.sum())
