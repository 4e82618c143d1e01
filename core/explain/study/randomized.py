"""A model whose weights are shuffled: a heatmap that does not care was never about the model.

Source: cascading randomisation, Adebayo et al. 2018, Sanity Checks for Saliency Maps (arXiv 1810.03292): from the
output downward, one part of the model after another loses what it learned.
"""

import copy
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch
from scipy.stats import spearmanr
from torch import nn

if TYPE_CHECKING:
    from core.model.scorer import SessionScorer

STAGES: tuple[str, ...] = ("head", "forecast", "backbone")
"""The last part to be shuffled: the intents' head; the guesses it reads too; the transformer too."""

_PARTS = {"head": "intent_head", "forecast": "next_event", "backbone": "backbone"}


def randomized(scorer: "SessionScorer", stage: str, seed: int = 0) -> "SessionScorer":
    """A copy of the scorer whose parts down to `stage` have each weight at a random place of its own table.

    The field embeddings stay as they are, so that the same input is explained by other weights; so do the sizes of
    the weights, since only their places are drawn.

    Args:
        stage: one of STAGES.
    """
    other = copy.copy(scorer)
    other.model = copy.deepcopy(scorer.model)
    generator = torch.Generator().manual_seed(seed)
    for part in STAGES[: STAGES.index(stage) + 1]:
        shuffle_weights(other.model.get_submodule(_PARTS[part]), generator)
    return other


def shuffle_weights(module: nn.Module, generator: torch.Generator) -> None:
    """Give every number of each weight the place of another of the same weight."""
    with torch.no_grad():
        for weight in module.parameters():
            order = torch.randperm(weight.numel(), generator=generator)
            weight.copy_(weight.flatten()[order].view_as(weight))


def likeness(first: npt.NDArray[np.float32], second: npt.NDArray[np.float32]) -> tuple[float, float]:
    """Spearman's ρ of two heatmaps' cells: as they are, and of their sizes whatever the sign.

    NaN where one of them is the same everywhere, or has fewer than three cells.
    """
    if first.size < 3:
        return float("nan"), float("nan")
    return _spearman(first, second), _spearman(np.abs(first), np.abs(second))


def _spearman(first: npt.NDArray[np.float32], second: npt.NDArray[np.float32]) -> float:
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return float("nan")
    return float(spearmanr(first, second, axis=None).statistic)
