"""The best possible guess: the exact posterior of the hidden intent at every event, from the events so far."""

import numpy as np


def bayes_filter(start: np.ndarray, transitions: np.ndarray, likelihoods: np.ndarray) -> np.ndarray:
    """Posterior [T, K] of the state of a hidden Markov model at each of T steps of one session (Rabiner 1989).

    Args:
        start: [K] log chances of the first state.
        transitions: [K, K] log chances of the next state (column) after each (row).
        likelihoods: [T, K] log likelihood of each observation by state.
    """
    posterior = np.empty(likelihoods.shape)
    belief = np.exp(start)
    moves = np.exp(transitions)
    for step, likelihood in enumerate(likelihoods):
        if step:
            belief = belief @ moves
        belief = belief * np.exp(likelihood - likelihood.max())
        belief = belief / belief.sum()
        posterior[step] = belief
    return posterior
