"""The hidden Markov model against the exact filter, and learning from unlabeled sessions what labels do not say."""

import itertools

import numpy as np
import torch

from core.events.synthetic.bayes_filter import bayes_filter
from core.training.semisupervised.emissions import TableEmission
from core.training.semisupervised.hidden_markov import Chains, HiddenMarkov, plan_chains
from core.training.semisupervised.observations import Observation

START = np.array([0.6, 0.4])
MOVES = np.array([[0.9, 0.1], [0.2, 0.8]])
SEEN = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]])


def _drawn(sessions: int, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Hidden intents and what was seen: [S * T] int64 each."""
    random = np.random.default_rng(0)
    intents, seen = [], []
    for _ in range(sessions):
        intent = random.choice(2, p=START)
        for _ in range(length):
            intents.append(intent)
            seen.append(random.choice(3, p=SEEN[intent]))
            intent = random.choice(2, p=MOVES[intent])
    return np.array(intents), np.array(seen)


def _model(seen: np.ndarray) -> HiddenMarkov:
    rows = np.arange(len(seen))
    emission = TableEmission(Observation("kind", rows, seen, np.zeros_like(rows)), 2, penalty=0.1)
    return HiddenMarkov([emission], len(seen), 2)


def _known(seen: np.ndarray) -> HiddenMarkov:
    """A model with the true tables."""
    markov = _model(seen)
    markov._start, markov._moves = (torch.tensor(part, dtype=torch.float32) for part in (START, MOVES))
    markov._emissions[0]._of_intent = torch.log(torch.tensor(SEEN, dtype=torch.float32))
    return markov


def _chains(sessions: int, length: int) -> Chains:
    return plan_chains(np.arange(sessions * length) % length == 0, 64)


def test_sessions_are_cut_into_chains_without_losing_events() -> None:
    starts = np.zeros(12, dtype=bool)
    starts[[0, 3]] = True
    chains = plan_chains(starts, longest=4)
    assert chains.lengths.tolist() == [4, 4, 3, 1]
    assert sorted(chains.rows[chains.rows >= 0].tolist()) == list(range(12))


def test_the_filtered_belief_is_the_exact_posterior() -> None:
    _, seen = _drawn(3, 7)
    beliefs = _known(seen).believe(_chains(3, 7), torch.zeros(21, 2))
    exact = np.concatenate(
        [bayes_filter(np.log(START), np.log(MOVES), np.log(SEEN.T)[part]) for part in seen.reshape(3, 7)]
    )
    np.testing.assert_allclose(beliefs.filtered, exact, atol=1e-5)


def test_the_log_likelihood_is_that_of_all_paths_together() -> None:
    _, seen = _drawn(2, 3)
    told = _known(seen).believe(_chains(2, 3), torch.zeros(6, 2)).log_likelihood
    total = 0.0
    for part in seen.reshape(2, 3):
        paths = [
            START[path[0]]
            * np.prod([MOVES[before, after] for before, after in itertools.pairwise(path)])
            * np.prod([SEEN[intent, value] for intent, value in zip(path, part, strict=True)])
            for path in np.ndindex(2, 2, 2)
        ]
        total += np.log(sum(paths))
    assert np.isclose(told, total, atol=1e-4)


def test_the_smoothed_belief_is_the_sum_over_all_paths() -> None:
    _, seen = _drawn(1, 4)
    beliefs = _known(seen).believe(_chains(1, 4), torch.zeros(4, 2))
    total = np.zeros((4, 2))
    for path in np.ndindex(2, 2, 2, 2):
        chance = START[path[0]] * np.prod([MOVES[one, two] for one, two in itertools.pairwise(path)])
        chance *= np.prod(SEEN[list(path), seen])
        total[np.arange(4), list(path)] += chance
    np.testing.assert_allclose(beliefs.smoothed, total / total.sum(axis=1, keepdims=True), atol=1e-5)


def test_a_label_is_believed() -> None:
    _, seen = _drawn(1, 4)
    evidence = torch.zeros(4, 2)
    evidence[2] = torch.log(torch.tensor([0.001, 0.999]))
    assert _known(seen).believe(_chains(1, 4), evidence).smoothed[2, 1] > 0.9


def test_a_few_labels_and_many_unlabeled_sessions_recover_the_tables() -> None:
    intents, seen = _drawn(400, 12)
    evidence = torch.zeros(len(seen), 2)
    labeled = np.arange(0, 12 * 20)
    evidence[labeled] = torch.log(torch.eye(2)[torch.from_numpy(intents[labeled])] * 0.98 + 0.01)
    markov, chains = _model(seen), _chains(400, 12)
    few = chains.take(np.isin(chains.rows, labeled).any(axis=1))
    for used in [few] * 3 + [chains] * 12:
        markov.learn(markov.believe(used, evidence))
    table = torch.softmax(markov._emissions[0]._of_intent + markov._emissions[0]._of_context, dim=-1)
    np.testing.assert_allclose(table, SEEN, atol=0.08)
    np.testing.assert_allclose(markov._moves, MOVES, atol=0.08)
