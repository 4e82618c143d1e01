"""Kinds of behaviour get names: a few labels say which intents the sessions of each kind have.

Cluster, then label (Zhu and Goldberg 2009, section 3.7). A dozen labels are too few to fit tables of behaviour to, but
enough to name kinds that were found in all sessions; a teacher begins there and goes on by the labels.
"""

from dataclasses import dataclass

import numpy as np
import torch

from core.training.labels import Labels

_USUAL_SESSIONS = 1.0
"""So many sessions of each kind are taken to have the intents that all labels together have."""
_LEAST_CHANCE = 1e-3


@dataclass(frozen=True)
class SessionKinds:
    """Of which kind S sessions of a table are believed to be.

    rows: [S] int64 of their last events; beliefs: [S, kinds] float32
    """

    rows: np.ndarray
    beliefs: np.ndarray

    def named(self, labels: Labels, session: np.ndarray) -> torch.Tensor:
        """[S, K] float32 log chances of the intents by what the labels say of the sessions of each kind.

        Args:
            session: [N] int64 number of each event's session.
        """
        told = labels.take(labels.decisive)
        place = np.full(int(session.max()) + 1, -1)
        place[session[self.rows]] = np.arange(len(self.rows))
        at = place[session[told.rows]]
        told, at = told.take(at >= 0), at[at >= 0]
        _, code, count = np.unique(at, return_inverse=True, return_counts=True)
        share = told.targets / count[code][:, None]  # a session labelled event by event counts once
        usual = (share.sum(axis=0) + 1) / (share.sum() + share.shape[1])
        counts = self.beliefs[at].T @ share + _USUAL_SESSIONS * usual  # [kinds, K]
        chances = self.beliefs @ (counts / counts.sum(axis=1, keepdims=True))
        return torch.from_numpy(np.log(chances + _LEAST_CHANCE)).float()
