"""Query by committee: where models disagree (Seung et al. 1992; Jensen-Shannon after McCallum & Nigam 1998)."""

from typing import ClassVar

import numpy as np

from core.active.options import ScoredModel
from core.active.pool import Pool, States, matrix
from core.active.query_strategies.entropy import Entropy
from core.active.query_strategies.strategy import Need, QueryStrategy

MOST_MODELS = 4


class Committee(QueryStrategy):
    """Where the champion and the models scored before it disagree most first: Jensen-Shannon divergence of their
    probabilities, and between equal ones the entropy of their votes. Use it to decide between models."""

    name: ClassVar[str] = "committee"
    needs: ClassVar[Need] = "two_models"

    def rank(self, pool: Pool, wanted: int) -> list[str]:
        models = pool.models[:MOST_MODELS]
        intents = sorted({intent for model in models for intent in model.meanings})
        states, probabilities = _read(pool, models, intents)
        score = jensen_shannon(probabilities) + 1e-6 * vote_entropy(probabilities)
        return pool.ranked_by(models[0], score, states, wanted)


def jensen_shannon(probabilities: np.ndarray) -> np.ndarray:
    """Entropy of the mean less mean entropy, in nats: [M, N, K] float32 to [N]."""
    mean_entropy = np.mean([Entropy.score(member) for member in probabilities], axis=0)
    score: np.ndarray = Entropy.score(probabilities.mean(axis=0)) - mean_entropy
    return score


def vote_entropy(probabilities: np.ndarray) -> np.ndarray:
    """Entropy of the members' votes (Dagan & Engelson 1995), in nats: [M, N, K] float32 to [N]."""
    votes = probabilities.argmax(axis=2)
    shares = (votes[..., None] == np.arange(probabilities.shape[2])).mean(axis=0)
    return Entropy.score(shares)


def _read(pool: Pool, models: tuple[ScoredModel, ...], intents: list[str]) -> tuple[States, np.ndarray]:
    """The champion's sessions and [M, N, K] probabilities; a member that lacks a session votes as the champion."""
    joins = " ".join(
        f"LEFT JOIN session_states AS s{n} ON s{n}.session_id = pool.session_id AND s{n}.model_id = $model{n}"
        for n in range(1, len(models))
    )
    members = ", ".join(
        f"CASE WHEN len(s{n}.probabilities) = {len(model.intents)} THEN s{n}.probabilities END"
        for n, model in enumerate(models)
    )
    found = pool.table(
        f"""SELECT pool.session_id, lot, {members} FROM pool
            JOIN session_states AS s0 ON s0.session_id = pool.session_id AND s0.model_id = $model0 {joins}""",
        **{f"model{n}": model.model_id for n, model in enumerate(models)},
    )
    first = _spread(matrix(found.column(2)), models[0], intents)
    probabilities = np.stack([first] * len(models))
    for n, model in enumerate(models[1:], start=1):
        column = found.column(2 + n)
        present = column.is_valid().to_numpy()
        probabilities[n, present] = _spread(matrix(column.drop_null()), model, intents)
    return States(found.column(0), found.column(1).to_numpy(), first), probabilities


def _spread(values: np.ndarray, model: ScoredModel, intents: list[str]) -> np.ndarray:
    """[N, K of the model] to [N, K of all]: an intent it does not know has no probability."""
    result = np.zeros((len(values), len(intents)), dtype=np.float32)
    for place, intent in enumerate(model.meanings if len(values) else ()):
        result[:, intents.index(intent)] += values[:, place]
    return result
