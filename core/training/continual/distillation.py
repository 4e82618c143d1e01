"""Yesterday's model as a teacher: its soft answers on events that nobody labelled today must not move (LwF).

Li and Hoiem 2017, "Learning without Forgetting": the answers are compared at a raised temperature, over the intents
the teacher knows; what the new intents take is not the teacher's to say.
"""

import numpy as np
import torch
import torch.nn.functional as F

from core.model.session_model import SessionModel
from core.model.window import Windows
from core.training.prepared import PreparedEvents

_UNLABELLED_WINDOWS = 512


class Teacher:
    """Answers [rows, K_old] of yesterday's model at the rows of chosen windows, computed once."""

    def __init__(self, model: SessionModel, prepared: PreparedEvents, columns: list[int], softness: float) -> None:
        """`columns`: where the teacher's intents stand among the student's."""
        self.columns = torch.tensor(columns)
        self.softness = softness
        self._model = model.eval()
        self._prepared = prepared
        self._answers = torch.zeros(len(prepared.table), len(columns))
        self._known = np.zeros(len(prepared.table), dtype=bool)

    @torch.no_grad()
    def read(self, windows: Windows) -> None:
        """Answer at the rows these windows answer for."""
        for chosen in np.array_split(np.argsort(windows.length), max(1, len(windows) // 64)):
            part = windows.take(chosen)
            batch = self._prepared.batch(part)
            logits = self._model(batch).intent_logits / self.softness
            rows, scored = rows_of(part, batch.shape[1])
            self._answers[rows[scored]] = torch.softmax(logits, dim=-1)[torch.from_numpy(scored)]
            self._known[rows[scored]] = True

    def loss(self, logits: torch.Tensor, rows: np.ndarray) -> torch.Tensor:
        """T^2 * KL of the teacher's and the student's answers over the teacher's intents, mean over the known rows.

        Args:
            logits: [R, K] of the student; rows: [R] int64 of the table.
        """
        known = self._known[rows]
        if not known.any():
            return logits.sum() * 0.0
        student = F.log_softmax(logits[torch.from_numpy(known)][:, self.columns] / self.softness, dim=-1)
        divergence = F.kl_div(student, self._answers[rows[known]], reduction="batchmean")
        return self.softness**2 * divergence


def rows_of(windows: Windows, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows [B, T] int64 of the table at each position, and whether the window answers there [B, T] bool."""
    offset = np.arange(width)[None, :]
    scored = (offset < windows.length[:, None]) & (offset >= windows.scored_from[:, None])
    return np.where(scored, windows.start[:, None] + offset, 0), scored


def unlabelled_windows(prepared: PreparedEvents, labelled_rows: np.ndarray, seed: int) -> Windows:
    """A seeded sample of windows that answer for no labelled row."""
    windows = prepared.windows
    labelled = np.zeros(len(prepared.table) + 1, dtype=np.int64)
    labelled[labelled_rows + 1] = 1
    before = np.cumsum(labelled)
    free = before[windows.start + windows.length] == before[windows.start + windows.scored_from]
    chosen = np.random.default_rng(seed).permutation(np.flatnonzero(free))[:_UNLABELLED_WINDOWS]
    return windows.take(np.sort(chosen))
