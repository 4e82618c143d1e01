"""What every run does with the answers of its measured model before it believes them."""

import torch

from core.errors import TrainingDivergedError
from core.training.calibration import LIKELY_SPREAD, fit_temperature
from core.training.labels import Labels

_LEAST_CALIBRATION_ROWS = 20
_TEMPERATURE_RANGE = (0.5, 3.0)
_LEAST_SPREAD = 1e-4


def check_answers(logits: torch.Tensor, learning_rate: float) -> None:
    """Refuse logits [R, K] that say nothing.

    Raises:
        TrainingDivergedError: they are no numbers, or the same at every label.
    """
    if not bool(torch.isfinite(logits).all()):
        raise TrainingDivergedError(
            f"The model answers 'nan' at held-out labels, expected numbers; lower learning_rate "
            f"(now {learning_rate:g}) and train again."
        )
    if len(logits) > 1 and float(torch.softmax(logits, dim=-1).std(dim=0).max()) < _LEAST_SPREAD:
        raise TrainingDivergedError(
            f"The model answers the same for all {len(logits)} held-out labels, expected different answers; "
            f"lower learning_rate (now {learning_rate:g}) or label more sessions."
        )


def sane_temperature(
    logits: torch.Tensor, held_out: Labels, otherwise: float = 1.0, spread: float = LIKELY_SPREAD
) -> float:
    """Fitted on the held-out labels, kept in a sane range; `otherwise` when they are too few to say.

    Args:
        spread: how far from 1 it is likely to be, see `fit_temperature`.
    """
    if len(held_out) < _LEAST_CALIBRATION_ROWS:
        return otherwise
    low, high = _TEMPERATURE_RANGE
    return min(max(fit_temperature(logits.numpy(), held_out.answers(), held_out.sessions, spread), low), high)
