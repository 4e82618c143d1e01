"""Votes of rules whose accuracies are known, on sessions whose intents are known."""

from dataclasses import dataclass

import numpy as np

INTENTS = ("browse", "search", "compare", "purchase")


@dataclass(frozen=True)
class Planted:
    """fires: [N, R] bool; truth: [N] int64; votes_for: [R] int64. Patterns and counts as the label model takes them."""

    fires: np.ndarray
    truth: np.ndarray
    votes_for: np.ndarray

    def patterns(self, labeled: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """fires [P, R], sessions [P], answers [P, K] where the first `labeled` sessions were labeled."""
        fires, place, sessions = np.unique(self.fires, axis=0, return_inverse=True, return_counts=True)
        answers = np.zeros((len(fires), len(INTENTS)))
        np.add.at(answers, (place[:labeled], self.truth[:labeled]), 1.0)
        return fires, sessions, answers

    def accuracies(self) -> np.ndarray:
        """[R]: how often each rule is really right where it fires."""
        return np.array(
            [(self.truth[self.fires[:, rule]] == intent).mean() for rule, intent in enumerate(self.votes_for)]
        )

    def right(self, probabilities: np.ndarray) -> float:
        """The share of sessions with a vote whose most probable intent [N, K] is the true one."""
        covered = self.fires.any(axis=1)
        return float((probabilities.argmax(axis=1) == self.truth)[covered].mean())


def plant(
    seed: int,
    *,
    sessions: int = 20_000,
    rules: int = 12,
    hits: tuple[float, float] = (0.3, 0.8),
    false_alarms: tuple[float, float] = (0.01, 0.15),
) -> Planted:
    """Rules that fire independently given the intent, some good and some bad."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, len(INTENTS), sessions)
    votes_for = np.arange(rules) % len(INTENTS)
    hit, alarm = random.uniform(*hits, rules), random.uniform(*false_alarms, rules)
    chance = np.where(truth[:, None] == votes_for[None, :], hit[None, :], alarm[None, :])
    return Planted(random.random((sessions, rules)) < chance, truth, votes_for)
